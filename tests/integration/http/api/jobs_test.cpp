// SPDX-License-Identifier: MIT

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

TEST_CASE("a job is submitted, shown, listed and cancelled", "[api_jobs]") {
  service running;
  const auto image = running.stored_picture();
  const auto created = running.post_json("/worker/jobs", conversion(image, image));
  CHECK(created.status == 201);
  const auto id = text_at(json_of(created), "id");
  const auto location = "/worker/jobs/" + id;
  CHECK(created.headers.at("location") == location);
  CHECK(*json_of(created).find("maxRetries")->as<std::int64_t>() == 3);

  const auto found = running.ask("GET", location);
  CHECK(found.status == 200);
  CHECK(text_at(json_of(found), "conversionId") == "c1");

  const auto listed = json_of(running.ask("GET", "/worker/jobs?userId=u1"));
  CHECK(listed.find("jobs")->as<json_value::array>()->size() == 1);
  CHECK(json_of(running.ask("GET", "/worker/jobs?userId=u2"))
            .find("jobs")
            ->as<json_value::array>()
            ->empty());

  CHECK(text_at(json_of(running.ask("DELETE", location)), "status") == "cancelled");
  problem_of(running.ask("DELETE", location), 409, "conflict");
  problem_of(running.ask("POST", location + "/process"), 409, "conflict");
}

TEST_CASE("processing a job at once is accepted with a 202", "[api_jobs]") {
  service running;
  const auto image = running.stored_picture();
  const auto created = running.post_json("/worker/jobs", conversion(image, image));
  CHECK(running.ask("POST", created.headers.at("location") + "/process").status == 202);
}

TEST_CASE("a repeat with the same key gets the first job", "[api_jobs]") {
  service running;
  const auto image = running.stored_picture();
  const auto headers = "Content-Type: application/json; charset=utf-8\r\nIdempotency-Key: k1\r\n";
  const auto body = conversion(image, image);
  const auto first = running.ask("POST", "/worker/jobs", body, headers);
  const auto second = running.ask("POST", "/worker/jobs", body, headers);
  CHECK(first.status == 201);
  CHECK(second.status == 200);
  CHECK(text_at(json_of(first), "id") == text_at(json_of(second), "id"));
  const auto bad = running.ask("POST", "/worker/jobs", body, "Idempotency-Key: a b\r\n");
  CHECK(
      fields_of(problem_of(bad, 400, "invalid_input"))
      == std::vector<std::string>{"Idempotency-Key"}
  );
}

TEST_CASE("a key that comes with another request is refused, and says so", "[api_jobs]") {
  service running;
  const auto image = running.stored_picture();
  const auto submit = [&](const std::string& body) {
    return running.ask("POST", "/worker/jobs", body, "Idempotency-Key: k1\r\n");
  };
  const auto body = conversion(image, image);
  REQUIRE(submit(body).status == 201);
  const auto problem = problem_of(submit(conversion(image, image, "u1", "c2")), 422, "key_reused");
  CHECK(text_at(problem, "title") == "Unprocessable Content");
  // The same in another order, with blanks between.
  const auto same = R"( {"payload": {"clothImageId":")" + image + R"(", "userImageId":")" + image
                    + R"("}, "userId":"u1", "conversionId":"c1", "type":"image_conversion"} )";
  CHECK(submit(same).status == 200);
}

TEST_CASE("a job that names missing images is refused, field by field", "[api_jobs]") {
  service running;
  const auto image = running.stored_picture();
  const auto refused = running.post_json("/worker/jobs", conversion(image, "gone"));
  CHECK(
      fields_of(problem_of(refused, 400, "invalid_input"))
      == std::vector<std::string>{"payload.clothImageId"}
  );
  CHECK(running.post_json("/worker/jobs", conversion(image, "unknowable")).status == 201);
}

TEST_CASE("a bad job request is answered with every bad field", "[api_jobs]") {
  service running;
  const auto refused = running.post_json(
      "/worker/jobs", R"({"type":"image_conversion","userId":"u","payload":{},"maxRetries":5})"
  );
  CHECK(
      fields_of(problem_of(refused, 400, "invalid_input"))
      == std::vector<
          std::string>{"conversionId", "payload.userImageId", "payload.clothImageId", "maxRetries"}
  );
  problem_of(running.post_json("/worker/jobs", "{"), 400, "invalid_input");
  problem_of(
      running.ask("POST", "/worker/jobs", "a=b", "Content-Type: text/plain\r\n"), 415,
      "invalid_input"
  );
  problem_of(running.ask("GET", "/worker/jobs?limit=0"), 400, "invalid_input");
}

TEST_CASE("what the actors refuse is answered with its class", "[api_jobs]") {
  service running;
  const auto image = running.stored_picture();
  const auto away = running.post_json("/worker/jobs", conversion(image, image, "nobody"));
  problem_of(away, 503, "unavailable");
  CHECK(away.headers.at("retry-after") == "3");
  problem_of(
      running.ask("GET", "/worker/jobs/01936b2a-0000-7000-8000-000000000001"), 404, "not_found"
  );
  problem_of(running.ask("GET", "/worker/jobs/17"), 404, "not_found");
}

TEST_CASE("a full queue says when to come again, a full store that it is away", "[api_jobs]") {
  service running;
  const auto image = running.stored_picture();
  const auto queue_full = running.post_json("/worker/jobs", conversion(image, image, "full"));
  problem_of(queue_full, 429, "rate_limited");
  CHECK(queue_full.headers.at("retry-after") == "5");
  const auto store_full = running.post_json("/worker/jobs", conversion(image, image, "no-room"));
  problem_of(store_full, 503, "store_full");
  CHECK(store_full.headers.contains("retry-after"));
}

TEST_CASE("a paused type is shown until it goes on", "[api_jobs]") {
  service running;
  const auto paused_types = [&](const std::string& path) {
    const auto json = json_of(running.ask("GET", path));
    return json.find("pausedTypes")->as<json_value::array>()->size();
  };
  CHECK(running.ask("POST", "/worker/types/image_processing/pause").status == 200);
  CHECK(paused_types("/worker/status") == 1);
  CHECK(paused_types("/worker/stats") == 1);
  CHECK(running.ask("POST", "/worker/types/image_processing/resume").status == 200);
  CHECK(paused_types("/worker/status") == 0);
  problem_of(running.ask("POST", "/worker/types/nonsense/pause"), 404, "not_found");
  problem_of(running.ask("POST", "/worker/types/nonsense/resume"), 404, "not_found");
}

TEST_CASE("a job that has ended is run again, with what it was asked for with", "[api_jobs]") {
  service running;
  const auto image = running.stored_picture();
  const auto dead = running.post_json("/worker/jobs", conversion(image, image, "dead"));
  const auto id = text_at(json_of(dead), "id");
  const auto again = running.ask("POST", "/worker/jobs/" + id + "/rerun");
  CHECK(again.status == 201);
  CHECK(text_at(json_of(again), "rerunOf") == id);
  CHECK(text_at(json_of(again), "userId") == "dead");
  CHECK(again.headers.at("location") == "/worker/jobs/" + text_at(json_of(again), "id"));
  const auto waiting = running.post_json("/worker/jobs", conversion(image, image, "ann"));
  const auto early = "/worker/jobs/" + text_at(json_of(waiting), "id") + "/rerun";
  problem_of(running.ask("POST", early), 409, "conflict");
  problem_of(
      running.ask("POST", "/worker/jobs/01936d4e-0000-7000-8000-000000000000/rerun"), 404,
      "not_found"
  );
  problem_of(running.ask("POST", "/worker/jobs/nonsense/rerun"), 404, "not_found");
  running.ask("DELETE", "/images/" + image);
  const auto gone = running.ask("POST", "/worker/jobs/" + id + "/rerun");
  problem_of(gone, 409, "conflict");
  CHECK(gone.body.find("payload.userImageId, payload.clothImageId") != std::string::npos);
  const auto records = running.audited();
  CHECK(records[2].details == "rerun of " + id);
}

TEST_CASE("a pause has an end and a reason", "[api_jobs]") {
  service running;
  const auto path = std::string{"/worker/types/image_conversion/pause"};
  const auto made = running.post_json(path, R"({"for":"30m","reason":"switching <keys>"})");
  CHECK(made.status == 200);
  const auto answer = json_of(made);
  const auto& pause = *answer.find("pause");
  CHECK(text_at(pause, "type") == "image_conversion");
  CHECK(text_at(pause, "reason") == "switching <keys>");
  const auto lasts =
      *parse_rfc3339(text_at(pause, "until")) - *parse_rfc3339(text_at(pause, "since"));
  CHECK(lasts > milliseconds{1'790'000});
  CHECK(lasts < milliseconds{1'810'000});
  const auto status = json_of(running.ask("GET", "/worker/status"));
  const auto& pauses = *status.find("pauses")->as<json_value::array>();
  REQUIRE(pauses.size() == 1);
  CHECK(text_at(pauses.front(), "until") == text_at(pause, "until"));
  CHECK(running.post_json(path, R"({"until":"2999-01-01T00:00:00Z"})").status == 400);
  // In the place of the one before: without an end, and without a reason.
  const auto again = json_of(running.ask("POST", path));
  CHECK(again.find("pause")->find("until") == nullptr);
  CHECK(again.find("pause")->find("reason") == nullptr);
  const auto records = running.audited();
  REQUIRE(records.size() == 3);
  CHECK(
      records[0].details
      == "not paused -> paused until " + text_at(pause, "until") + ": switching <keys>"
  );
  CHECK(records[1].details.empty());
  CHECK(
      records[2].details
      == "paused until " + text_at(pause, "until") + ": switching <keys> -> paused"
  );
}
