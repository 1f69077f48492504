// SPDX-License-Identifier: MIT

#include "adapters/checksum/checksum.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

namespace {

std::string key_hash(std::string_view key) {
  return adapters::sha256_hex(std::as_bytes(std::span{key}));
}

/// The keys "view", "mine" (of the users u1 and u2), "submit" and "root".
const std::string four_keys = "v:viewer:" + key_hash("view") + ",m:submitter:" + key_hash("mine")
                              + ":u1+u2,s:submitter:" + key_hash("submit")
                              + ",r:admin:" + key_hash("root");

std::string with_key(const std::string& key) {
  return "Authorization: Bearer " + key + "\r\n";
}

/// A picture of that user, stored by a key that may store everybody's.
std::string picture_of(service& running, const std::string& user, const std::string& more = "") {
  const auto answer = running.ask("POST", "/images?userId=" + user + more, png, with_key("submit"));
  REQUIRE(answer.status == 201);
  return answer.headers.at("location").substr(std::strlen("/images/"));
}

std::string location_of_job(
    service& running, const std::string& user, const std::string& image, const std::string& key
) {
  const auto answer =
      running.ask("POST", "/worker/jobs", conversion(image, image, user), with_key(key));
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return answer.headers.at("location");
}

std::string repeated(const std::string& json, std::size_t count) {
  std::string list = json;
  for (std::size_t i = 1; i < count; ++i) {
    list += "," + json;
  }
  return list;
}

}  // namespace

TEST_CASE("where there are keys, a request without one changes and shows nothing", "[api_access]") {
  service running{true, four_keys};
  problem_of(running.ask("GET", "/worker/status"), 401, "authentication");
  problem_of(running.ask("GET", "/metrics"), 401, "authentication");
  problem_of(running.ask("GET", "/nowhere"), 401, "authentication");
  const auto stopped = running.ask("POST", "/worker/stop", "", with_key("guess"));
  problem_of(stopped, 401, "authentication");
  CHECK(stopped.headers.at("www-authenticate").find("invalid_token") != std::string::npos);
  CHECK(running.ask("GET", "/health").status == 200);
  CHECK(running.ask_health("/metrics").status == 200);
  CHECK(running.ask("POST", "/worker/stop", "", with_key("root")).status == 200);
  CHECK(running.ask("GET", "/nowhere", "", with_key("view")).status == 404);
  problem_of(running.ask("POST", "/worker/start", "", with_key("submit")), 403, "permission");
}

TEST_CASE("of a caller without a key not even the body is read", "[api_access]") {
  service running{true, four_keys};
  raw_connection client{running.port()};
  // The body that is announced never comes.
  client.send("POST /images HTTP/1.1\r\nHost: t\r\nContent-Length: 9000\r\n\r\n");
  const auto answer = client.read_answer();
  CHECK(answer.status == 401);
  CHECK(answer.headers.at("connection") == "close");
}

TEST_CASE("the audit trail names the key, and never holds it", "[api_access]") {
  service running{true, four_keys};
  running.ask("POST", "/worker/stop", "", with_key("root"));
  running.ask("POST", "/worker/stop", "", "X-API-Key: view\r\n");
  running.ask("POST", "/worker/stop", "", with_key("guess"));
  const auto records = running.audited();
  REQUIRE(records.size() == 2);
  CHECK(records[0].key == "r");
  CHECK(records[1].key == "v");
  CHECK(records[1].status == 403);
}

TEST_CASE("calls without a known key are one audit record together", "[api_access]") {
  service running{true, four_keys};
  for (int i = 0; i < 5; ++i) {
    running.ask("GET", "/worker/jobs", "", with_key("guess"));
    running.ask("DELETE", "/worker/jobs/" + std::string(10'000, 'x'));
  }
  running.ask("GET", "/health");
  CHECK(running.audited().empty());
  running.stop();
  const auto records = running.audited();
  REQUIRE(records.size() == 1);
  CHECK(records[0].who == "127.0.0.1");
  CHECK(records[0].status == 401);
  CHECK(records[0].calls == 10);
}

TEST_CASE("a key for some users sees and touches only their jobs", "[api_access]") {
  service running{true, four_keys};
  const auto image = picture_of(running, "u1");
  const auto own = location_of_job(running, "u1", image, "mine");
  const auto other = location_of_job(running, "u9", picture_of(running, "u9"), "submit");
  const auto mine = with_key("mine");
  CHECK(running.ask("GET", own, "", mine).status == 200);
  problem_of(running.ask("GET", other, "", mine), 404, "not_found");
  problem_of(running.ask("DELETE", other, "", mine), 404, "not_found");
  problem_of(running.ask("POST", other + "/process", "", mine), 404, "not_found");
  problem_of(running.ask("POST", other + "/retry", "", mine), 404, "not_found");
  CHECK(running.ask("GET", "/worker/jobs?userId=u1", "", mine).status == 200);
  problem_of(running.ask("GET", "/worker/jobs", "", mine), 403, "permission");
  problem_of(running.ask("GET", "/worker/jobs?userId=u9", "", mine), 403, "permission");
  problem_of(running.ask("POST", "/worker/dead-letters/retry", "{}", mine), 403, "permission");
  problem_of(running.ask("GET", "/worker/costs", "", mine), 403, "permission");
  CHECK(running.ask("GET", other, "", with_key("view")).status == 200);
  CHECK(running.ask("DELETE", own, "", mine).status == 200);
}

TEST_CASE(
    "a key for some users submits only their jobs, with images that it may see", "[api_access]"
) {
  service running{true, four_keys};
  const auto mine = with_key("mine");
  const auto own = picture_of(running, "u1");
  const auto other = picture_of(running, "u9");
  const auto garment = picture_of(running, "shop", "&type=vendor");
  const auto submit = [&](const std::string& user, const std::string& person,
                          const std::string& cloth, const std::string& more = "") {
    return running.ask("POST", "/worker/jobs", conversion(person, cloth, user), mine + more);
  };
  CHECK(submit("u1", own, garment).status == 201);
  problem_of(submit("u9", own, own), 403, "permission");
  CHECK(
      fields_of(problem_of(submit("u2", own, other), 400, "invalid_input"))
      == std::vector<std::string>{"payload.clothImageId"}
  );
  problem_of(submit("u1", own, "unknowable"), 503, "unavailable");

  // An idempotency key that another has used must not show that other's job.
  const std::string repeat = "Idempotency-Key: k\r\n";
  const auto first = running.ask(
      "POST", "/worker/jobs", conversion(other, other, "u9"), with_key("submit") + repeat
  );
  CHECK(first.status == 201);
  problem_of(submit("u1", own, own, repeat), 409, "conflict");

  const auto batch = json_of(running.ask(
      "POST", "/worker/jobs/batch",
      R"({"jobs":[)" + conversion(own, garment, "u1") + "," + conversion(own, own, "u9") + ","
          + conversion(other, own, "u1") + "]}",
      mine
  ));
  const auto& jobs = *batch.find("jobs")->as<json_value::array>();
  REQUIRE(jobs.size() == 3);
  CHECK(text_at(jobs[0], "userId") == "u1");
  CHECK(text_at(*jobs[1].find("error"), "class") == "permission");
  CHECK(text_at(*jobs[1].find("error"), "message").starts_with("userId is no user"));
  CHECK(text_at(*jobs[2].find("error"), "class") == "invalid_input");
}

TEST_CASE(
    "to a key for some users what is another's is not there, in the same words", "[api_access]"
) {
  service running{true, four_keys};
  const auto image = picture_of(running, "u9");
  const auto job = location_of_job(running, "u9", image, "submit");
  const std::string no_job = "/worker/jobs/01890000-0000-7000-8000-000000000000";
  const std::string no_image = "01890000-0000-7000-8000-000000000000";
  const auto answer_to = [&running](const std::string& method, const std::string& path) {
    const auto answer = running.ask(method, path, "", with_key("mine"));
    return std::to_string(answer.status) + " " + answer.body;
  };
  const std::vector<std::pair<std::string, std::string>> of_jobs{
      {"GET", ""},          {"HEAD", ""},       {"DELETE", ""},
      {"POST", "/process"}, {"POST", "/retry"}, {"GET", "/events"}};
  for (const auto& [method, part] : of_jobs) {
    INFO(method << " " << part);
    CHECK(answer_to(method, job + part) == answer_to(method, no_job + part));
    CHECK(answer_to(method, job + part).substr(0, 3) == "404");
    CHECK(answer_to(method, "/worker/jobs/no-id" + part) == answer_to(method, job + part));
  }
  const std::vector<std::pair<std::string, std::string>> of_images{
      {"GET", ""}, {"HEAD", ""}, {"DELETE", ""}, {"GET", "/thumbnail"}};
  for (const auto& [method, part] : of_images) {
    INFO(method << " " << part);
    const auto there = answer_to(method, "/images/" + image + part);
    CHECK(there == answer_to(method, "/images/" + no_image + part));
    CHECK(there.substr(0, 3) == "404");
  }
  for (const std::string path : {"/worker/jobs", "/worker/jobs/batch"}) {
    const auto submit = [&](const std::string& person) {
      const auto body = conversion(person, person, "u1");
      const bool is_batch = path != "/worker/jobs";
      return running.ask(
          "POST", path, is_batch ? R"({"jobs":[)" + body + "]}" : body, with_key("mine")
      );
    };
    const auto there = submit(image);
    const auto nowhere = submit(no_image);
    CHECK(there.status == nowhere.status);
    const auto words = [](const raw_answer& answer) {
      const auto from = answer.body.find("names an image");
      REQUIRE(from != std::string::npos);
      return answer.body.substr(from);
    };
    CHECK(words(there) == words(nowhere));
  }
}

TEST_CASE("who has no key sees how each part is, and nobody is told why", "[api_access]") {
  service running{true, four_keys};
  const auto shows_reasons = [](const raw_answer& answer) {
    const auto health = json_of(answer);
    const auto& gemini = *health.find("checks")->find("gemini");
    CHECK(text_at(gemini, "status") == "degraded");
    return gemini.find("message") != nullptr;
  };
  for (const auto& answer :
       {running.ask("GET", "/health"), running.ask_health("/health"),
        running.ask("GET", "/health", "", with_key("mine"))}) {
    CHECK_FALSE(shows_reasons(answer));
    CHECK(json_of(answer).find("version") == nullptr);
  }
  CHECK(shows_reasons(running.ask("GET", "/health", "", with_key("view"))));
}

TEST_CASE("answers say how much of the key's rate is left, those to batches too", "[api_access]") {
  service running{true, four_keys};
  const auto left = [](const raw_answer& answer) {
    return std::stoi(answer.headers.at("ratelimit-remaining"));
  };
  const auto looked = running.ask("GET", "/worker/status", "", with_key("mine"));
  CHECK(looked.headers.at("ratelimit-limit") == "1000");
  CHECK(left(looked) == 999);
  const auto batch = running.ask(
      "POST", "/worker/jobs/batch", R"({"jobs":[1,2,3,4,5,6,7,8,9,10]})", with_key("view")
  );
  CHECK(batch.status == 403);
  CHECK(left(batch) == 999);
  const auto taken = running.ask(
      "POST", "/worker/jobs/batch", R"({"jobs":[)" + repeated("17", 500) + "]}", with_key("submit")
  );
  CHECK(taken.status == 200);
  CHECK(left(taken) >= 500);
  CHECK(left(taken) < 900);
  CHECK(running.ask("GET", "/health").headers.count("ratelimit-limit") == 0);
}

TEST_CASE("who may not do everything puts a job ahead of its user's others alone", "[api_access]") {
  service running{true, four_keys + ",o:admin:" + key_hash("owner") + ":u1"};
  const auto image = picture_of(running, "u1");
  const auto processed_by = [&](const std::string& key) {
    const auto job = location_of_job(running, "u1", image, "submit");
    const auto answer = running.ask("POST", job + "/process", "", with_key(key));
    REQUIRE(answer.status == 202);
    return text_at(json_of(answer), "workerId");
  };
  CHECK(processed_by("mine") == "own-jobs");
  CHECK(processed_by("submit") == "own-jobs");
  CHECK(processed_by("owner") == "own-jobs");
  CHECK(processed_by("root") == "all-jobs");
}

TEST_CASE("a batch costs as many calls as it has jobs", "[api_access]") {
  service running{true, four_keys};
  const auto batch = [&](std::size_t jobs) {
    return running.ask(
        "POST", "/worker/jobs/batch", R"({"jobs":[)" + repeated("17", jobs) + "]}", with_key("mine")
    );
  };
  // A thousand a second are allowed here, and a thousand at once.
  int taken = 0;
  while (taken < 10 && batch(1'000).status == 200) {
    ++taken;
  }
  CHECK(taken >= 1);
  CHECK(taken <= 4);
  problem_of(batch(1), 429, "rate_limited");
  CHECK(running.ask("GET", "/worker/status", "", with_key("submit")).status == 200);
}

TEST_CASE("a vendor's image is stored by keys for all users alone", "[api_access]") {
  service running{true, four_keys};
  problem_of(
      running.ask("POST", "/images?userId=u1&type=vendor", png, with_key("mine")), 403, "permission"
  );
  CHECK(running.ask("POST", "/images?userId=u1&type=user", png, with_key("mine")).status == 201);
  for (const std::string key : {"submit", "root"}) {
    const auto path = "/images?userId=u1&type=vendor";
    CHECK(running.ask("POST", path, png, with_key(key)).status == 201);
  }
}

TEST_CASE("a key for some users sees nothing of what all users do", "[api_access]") {
  service running{true, four_keys};
  const auto health = running.ask("GET", "/worker/health", "", with_key("mine"));
  CHECK(health.status == 200);
  CHECK(json_of(health).find("currentJob")->is_null());
  CHECK(health.body.find("slow") == std::string::npos);
  const auto of_all = running.ask("GET", "/worker/health", "", with_key("view"));
  CHECK_FALSE(json_of(of_all).find("currentJob")->is_null());
  CHECK(of_all.body.find("slow") != std::string::npos);
  problem_of(running.ask("GET", "/metrics", "", with_key("mine")), 403, "permission");
  CHECK(running.ask("GET", "/metrics", "", with_key("view")).status == 200);
}

TEST_CASE(
    "why a part failed is for the log, by the request's id, and not for callers", "[api_access]"
) {
  service running{true, four_keys};
  const auto image = picture_of(running, "u1");
  std::string written;
  {
    const captured_stderr log;
    const auto answer = running.ask(
        "POST", "/worker/jobs", conversion(image, "unknowable", "u1"),
        with_key("mine") + "X-Request-Id: r-17\r\n"
    );
    const auto problem = problem_of(answer, 503, "unavailable");
    CHECK(text_at(problem, "detail") == "what this needs is not available for the moment");
    CHECK(answer.body.find("database") == std::string::npos);
    written = log.text();
  }
  CHECK(written.find("a request failed") != std::string::npos);
  CHECK(written.find("requestId=r-17") != std::string::npos);
  CHECK(written.find("the database is away") != std::string::npos);
}

TEST_CASE("a job for another user's conversion is refused to every key alike", "[api_access]") {
  service running{true, four_keys};
  const auto image = picture_of(running, "u1");
  const auto submit = [&](const std::string& id, const std::string& key,
                          const std::string& user = "u1") {
    return running.ask("POST", "/worker/jobs", conversion(image, image, user, id), with_key(key));
  };
  const auto detail = [](const raw_answer& answer) {
    return text_at(problem_of(answer, 409, "conflict"), "detail");
  };
  CHECK(detail(submit("u9-s-coat", "mine")) == "conversion u9-s-coat belongs to another user");
  CHECK(detail(submit("u9-s-coat", "submit")) == detail(submit("u9-s-coat", "mine")));
  // Another user of the same key is another user, too.
  CHECK(detail(submit("u2-s-coat", "mine")) == "conversion u2-s-coat belongs to another user");
  CHECK(submit("u1-s-coat", "mine").status == 201);
  CHECK(submit("U1-s-coat", "submit").status == 201);
  CHECK(submit("new", "mine").status == 201);
  const auto listed = json_of(running.ask("GET", "/worker/jobs", "", with_key("view")));
  CHECK(listed.find("jobs")->as<json_value::array>()->size() == 3);

  // Whose it is must be known for a key that is limited; others find out at the record.
  problem_of(submit("unknowable", "mine"), 503, "unavailable");
  CHECK(submit("unknowable", "submit").status == 201);
  // A user that the key is not for: nothing is said of the conversion.
  problem_of(submit("u9-s-coat", "mine", "u9"), 403, "permission");
  problem_of(submit("u1-s-coat", "mine", "u9"), 403, "permission");
}

TEST_CASE("a batch is refused its jobs for conversions of others, and no more", "[api_access]") {
  service running{true, four_keys};
  const auto image = picture_of(running, "u1");
  const auto job = [&](const std::string& id, const std::string& user = "u1") {
    return conversion(image, image, user, id);
  };
  const std::string batch = R"({"jobs":[)" + job("new") + "," + job("u9-s-coat") + ","
                            + job("u1-s-coat", "u9") + "," + job("u1-s-coat") + "]}";
  for (const std::string key : {"mine", "submit"}) {
    const auto answer = json_of(running.ask("POST", "/worker/jobs/batch", batch, with_key(key)));
    const auto& jobs = *answer.find("jobs")->as<json_value::array>();
    REQUIRE(jobs.size() == 4);
    CHECK(text_at(jobs[0], "conversionId") == "new");
    const auto& refused = *jobs[1].find("error");
    CHECK(text_at(refused, "class") == "conflict");
    CHECK(text_at(refused, "message") == "conversion u9-s-coat belongs to another user");
    const std::string foreign = key == "mine" ? "permission" : "conflict";
    CHECK(text_at(*jobs[2].find("error"), "class") == foreign);
    CHECK(text_at(jobs[3], "conversionId") == "u1-s-coat");
  }
}

TEST_CASE("a key for some users sees and stores only their images", "[api_access]") {
  service running{true, four_keys};
  const auto mine = with_key("mine");
  const auto own = "/images/" + picture_of(running, "u2");
  const auto other = "/images/" + picture_of(running, "u9");
  const auto garment = "/images/" + picture_of(running, "shop", "&type=vendor");
  CHECK(running.ask("GET", own, "", mine).status == 200);
  CHECK(running.ask("GET", garment, "", mine).status == 200);
  problem_of(running.ask("GET", other, "", mine), 404, "not_found");
  problem_of(running.ask("DELETE", other, "", mine), 404, "not_found");
  problem_of(running.ask("DELETE", garment, "", mine), 404, "not_found");
  CHECK(running.ask("DELETE", own, "", mine).status == 204);
  CHECK(running.ask("POST", "/images?userId=u2", png, mine).status == 201);
  problem_of(running.ask("POST", "/images?userId=u9", png, mine), 403, "permission");
  problem_of(running.ask("POST", "/images", png, mine), 403, "permission");
}
