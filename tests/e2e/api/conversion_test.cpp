// SPDX-License-Identifier: MIT
// The main job from upload to result, and what a caller can do with jobs, over HTTP.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/process_states.hpp"

#include <csignal>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

std::string status_of(const service_stack& stack, const std::string& id) {
  return text_at(stack.get("/worker/jobs/" + id).json(), {"status"});
}

/// An hour from now in the form of the API, made from the worker's own clock.
std::string in_an_hour() {
  const auto then = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + 1h);
  char text[sizeof "2026-01-01T00:00:00Z"];
  std::tm fields{};
  gmtime_r(&then, &fields);
  REQUIRE(std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields) > 0);
  return text;
}

}  // namespace

TEST_CASE("a conversion ends with a picture that can be fetched, and a thumbnail") {
  service_stack stack;
  const auto job = stack.final_job(stack.submit({"c-1", "ann", "", ""}));
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(text_at(job, {"progress", "stage"}) == "done");
  CHECK(number_at(job, {"progress", "percent"}) == 100);
  CHECK(number_at(job, {"retryCount"}) == 0);
  CHECK(number_at(job, {"attempts", "0", "attempt"}) == 1);
  CHECK(text_at(job, {"result", "mimeType"}) == "image/jpeg");

  const std::string url = text_at(job, {"result", "url"});
  const auto picture = stack.get(url);
  CHECK(picture.status == 200);
  CHECK(picture.content_type == "image/jpeg");
  CHECK(static_cast<std::int64_t>(picture.body.size()) == number_at(job, {"result", "bytes"}));
  const auto thumbnail = stack.get(text_at(job, {"result", "thumbnailUrl"}));
  CHECK(thumbnail.status == 200);
  CHECK(thumbnail.body.size() < picture.body.size());

  SECTION("an unchanged picture is not sent again, and a part is sent alone") {
    const std::string etag = header_of(picture, "etag");
    REQUIRE_FALSE(etag.empty());
    const auto unchanged = stack.call("GET", url, "", {"If-None-Match: " + etag});
    CHECK(unchanged.status == 304);
    CHECK(unchanged.body.empty());
    const auto part = stack.call("GET", url, "", {"Range: bytes=10-19"});
    CHECK(part.status == 206);
    CHECK(part.body == picture.body.substr(10, 10));
    const auto head = stack.call("HEAD", url);
    CHECK(head.status == 200);
    CHECK(header_of(head, "content-length") == std::to_string(picture.body.size()));
  }
  SECTION("a deleted picture is gone") {
    CHECK(stack.call("DELETE", url).status / 100 == 2);
    CHECK(stack.get(url).status == 404);
  }
  SECTION("every figure says one job") {
    CHECK(stack.metric("worker_jobs_total") == 1);
    CHECK(stack.metric("worker_jobs_completed") == 1);
    CHECK(stack.metric("worker_jobs_failed") == 0);
    CHECK(stack.metric("worker_success_rate") == 1);
    CHECK(number_at(stack.get("/worker/status").json(), {"completedJobs"}) == 1);
    CHECK(stack.sim_count({"generateCalls"}) == 1);
  }
}

TEST_CASE("a conversion is completed when the processes that decode are killed in the middle of it"
) {
  service_stack stack;
  const std::string body = stack.job_body();
  const auto codecs = children_of(stack.worker().pid());
  REQUIRE(codecs.size() >= 2);
  // Stopped, they take a call and do not answer it.
  for (const ::pid_t codec : codecs) {
    ::kill(codec, SIGSTOP);
  }
  const std::string id = text_at(stack.call("POST", "/worker/jobs", body).json(), {"id"});
  wait_until("the job is at its pictures", [&] {
    return text_at(stack.get("/worker/jobs/" + id).json(), {"progress", "stage"}) == "downloading";
  });
  for (const ::pid_t codec : codecs) {
    ::kill(codec, SIGKILL);
  }
  const auto job = stack.final_job(id);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(number_at(job, {"retryCount"}) == 0);
  CHECK(
      stack.metric("stayler_codec_processes_lost_total", "killed")
      == static_cast<double>(codecs.size())
  );
}

TEST_CASE("an image_processing job resizes and converts without a call to the provider") {
  service_stack stack;
  const auto answer = stack.call(
      "POST", "/worker/jobs",
      R"({"type":"image_processing","userId":"ann","payload":{"imageId":")" + stack.person()
          + R"(","options":{"operations":[{"type":"resize","width":120,"height":120,"fit":"contain"},)"
            R"({"type":"convert","format":"webp"}]}}})"
  );
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  const auto job = stack.final_job(text_at(answer.json(), {"id"}));
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(text_at(job, {"result", "mimeType"}) == "image/webp");
  CHECK(std::max(number_at(job, {"result", "width"}), number_at(job, {"result", "height"})) == 120);
  CHECK(stack.sim_count({"generateCalls"}) == 0);
}

TEST_CASE("a repeated submission gives the first job again") {
  service_stack stack{{}, {"--latency", "300ms"}};
  SECTION("by its idempotency key") {
    const std::vector<std::string> headers{"Content-Type: application/json", "Idempotency-Key: k1"};
    const auto body = stack.job_body({"c-1", "ann", "", ""});
    const auto first = stack.call("POST", "/worker/jobs", body, headers);
    const auto second = stack.call("POST", "/worker/jobs", body, headers);
    CHECK(first.status == 201);
    CHECK(header_of(first, "location") == "/worker/jobs/" + text_at(first.json(), {"id"}));
    CHECK(second.status == 200);
    CHECK(text_at(first.json(), {"id"}) == text_at(second.json(), {"id"}));
    const auto other = stack.call(
        "POST", "/worker/jobs", stack.job_body({"c-1", "ann", "another wish", ""}), headers
    );
    CHECK(other.status == 422);
    CHECK(text_at(other.json(), {"error"}) == "key_reused");
    CHECK(other.body.find(text_at(first.json(), {"id"})) != std::string::npos);
  }
  SECTION("by a conversion that is still in flight") {
    const auto id = stack.submit({"c-2", "ann", "", ""});
    const auto again = stack.call("POST", "/worker/jobs", stack.job_body({"c-2", "ann", "", ""}));
    CHECK(again.status == 200);
    CHECK(text_at(again.json(), {"id"}) == id);
  }
}

TEST_CASE("a job runs again as a job of its own, once for each key") {
  service_stack stack{{}, {"--latency", "300ms"}};
  const auto first = stack.submit();
  CHECK(stack.call("POST", "/worker/jobs/" + first + "/rerun", "").status == 409);
  const auto done = stack.final_job(first);
  const std::vector<std::string> key{"Idempotency-Key: once"};
  const auto again = stack.call("POST", "/worker/jobs/" + first + "/rerun", "", key);
  REQUIRE(again.status == 201);
  const auto id = text_at(again.json(), {"id"});
  CHECK(header_of(again, "Location") == "/worker/jobs/" + id);
  CHECK(text_at(again.json(), {"rerunOf"}) == first);
  CHECK(text_at(again.json(), {"conversionId"}) == text_at(done, {"conversionId"}));
  const auto ended = stack.final_job(id);
  CHECK(text_at(ended, {"status"}) == "completed");
  CHECK(text_at(ended, {"result", "imageId"}) != text_at(done, {"result", "imageId"}));
  CHECK(stack.sim_count({"generateCalls"}) == 2);
  const auto repeated = stack.call("POST", "/worker/jobs/" + first + "/rerun", "", key);
  CHECK(repeated.status == 200);
  CHECK(text_at(repeated.json(), {"id"}) == id);
  CHECK(stack.call("POST", "/worker/jobs/" + id + "/rerun", "", key).status == 422);
  CHECK(text_at(stack.get("/worker/jobs/" + first).json(), {"status"}) == "completed");
  REQUIRE(stack.call("DELETE", "/images/" + stack.garment(), "").status == 204);
  const auto refused = stack.call("POST", "/worker/jobs/" + first + "/rerun", "");
  CHECK(refused.status == 409);
  CHECK(holds(refused.body, "payload.clothImageId"));
}

TEST_CASE("a job is cancelled in every state that is not final") {
  service_stack stack{{{"WORKER_MAX_WORKERS", "1"}}, {"--latency", "20s"}};
  const auto running = stack.submit();
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  const auto waiting = stack.submit();
  const auto scheduled = stack.submit({"", "ann", "", R"(,"runAt":")" + in_an_hour() + "\""});
  CHECK(status_of(stack, waiting) == "pending");
  CHECK(status_of(stack, scheduled) == "scheduled");

  for (const auto& id : {waiting, scheduled, running}) {
    const auto answer = stack.call("DELETE", "/worker/jobs/" + id);
    CHECK(answer.status == 200);
    CHECK(text_at(answer.json(), {"status"}) == "cancelled");
  }
  wait_until("the worker is free", [&] {
    return text_at(stack.get("/worker/workers").json(), {"workers", "0", "status"}) == "idle";
  });
  const auto job = stack.get("/worker/jobs/" + running).json();
  CHECK(at(job, {"possiblyBilled"}).as<bool>() != nullptr);
  CHECK(*at(job, {"possiblyBilled"}).as<bool>());
  CHECK(stack.call("DELETE", "/worker/jobs/" + running).status == 409);
  CHECK(stack.call("DELETE", "/worker/jobs/" + std::string(36, '0')).status / 100 == 4);
}

TEST_CASE("a job that waits for its time is processed at once where asked") {
  service_stack stack;
  const auto id = stack.submit({"", "ann", "", R"(,"runAt":")" + in_an_hour() + "\""});
  CHECK(status_of(stack, id) == "scheduled");
  CHECK(stack.call("POST", "/worker/jobs/" + id + "/process").status == 202);
  CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
  CHECK(stack.call("POST", "/worker/jobs/" + id + "/process").status == 409);
}

TEST_CASE("the configuration in force is shown without secrets and changed without a restart") {
  service_stack stack;
  const auto shown = stack.get("/worker/config");
  CHECK(number_at(shown.json(), {"maxWorkers"}) == 5);
  CHECK(text_at(shown.json(), {"gemini", "apiKey"}) == "***");
  const auto changed = stack.call("PUT", "/worker/config", R"({"maxWorkers":2})");
  CHECK(changed.status == 200);
  wait_until("three workers have left", [&] {
    const auto answer = stack.get("/worker/workers").json();
    const auto* workers = at(answer, {"workers"}).as<adapters::json_value::array>();
    return workers != nullptr && workers->size() == 2;
  });
  const auto refused =
      stack.call("PUT", "/worker/config", R"({"maxWorkers":0,"pollInterval":"soon"})");
  CHECK(refused.status == 400);
  CHECK(holds(refused.body, "maxWorkers"));
  CHECK(holds(refused.body, "pollInterval"));
  CHECK(number_at(stack.get("/worker/config").json(), {"maxWorkers"}) == 2);
  CHECK_FALSE(holds(stack.worker().output(), "test-key-3f9a"));
}
