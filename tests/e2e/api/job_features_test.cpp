// SPDX-License-Identifier: MIT
// What callers can do with many jobs, with dead letters and with a queue that is full.
#include "tests/e2e/support/service_stack.hpp"

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// A job that fails for good at its first attempt. The sim counts by the prompt's text.
std::string add_dead_letter(service_stack& stack, const std::string& user) {
  auto id = stack.submit({"", user, "[[sim:safety x1]] for " + user, ""});
  REQUIRE(text_at(stack.final_job(id), {"status"}) == "failed");
  return id;
}

std::int64_t dead_letters(const service_stack& stack, const std::string& query = "") {
  return size_at(stack.get("/worker/dead-letters" + query).json(), {"jobs"});
}

}  // namespace

TEST_CASE("a batch takes its sound jobs and says of each of the others what is wrong with it") {
  service_stack stack;
  const std::string good = stack.job_body({"batch-1", "ann", "", ""});
  const std::string bad = R"({"type":"image_conversion","userId":"ann"})";
  const std::string same = stack.job_body({"batch-1", "ann", "", ""});
  const auto answer = stack.call(
      "POST", "/worker/jobs/batch", R"({"jobs":[)" + good + "," + bad + "," + same + "]}"
  );
  REQUIRE(answer.status == 200);
  const auto json = answer.json();
  CHECK_FALSE(text_at(json, {"batchId"}).empty());
  REQUIRE(size_at(json, {"jobs"}) == 3);
  const std::string id = text_at(json, {"jobs", "0", "id"});
  CHECK(text_at(json, {"jobs", "1", "error", "class"}) == "invalid_input");
  CHECK(text_at(json, {"jobs", "1", "error", "message"}).find("conversionId") != std::string::npos);
  CHECK(text_at(json, {"jobs", "2", "id"}) == id);
  CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
  for (const std::string body : {R"({"jobs":[]})", R"({"jobs":1})", "{}", "[]", "nonsense"}) {
    INFO(body);
    CHECK(stack.call("POST", "/worker/jobs/batch", body).status == 400);
  }
}

TEST_CASE("a dead letter is listed, retried by hand and then completes; another is dropped") {
  service_stack stack;
  const std::string id = add_dead_letter(stack, "ann");
  CHECK(dead_letters(stack) == 1);
  CHECK(dead_letters(stack, "?errorClass=safety_blocked") == 1);
  CHECK(dead_letters(stack, "?errorClass=timeout") == 0);
  CHECK(stack.get("/worker/dead-letters?errorClass=nonsense").status == 400);
  const auto not_now = stack.call("POST", "/worker/jobs/" + id + "/process");
  CHECK(not_now.status == 409);
  CHECK(text_at(not_now.json(), {"detail"}).find("/retry") != std::string::npos);

  const auto retried = stack.call("POST", "/worker/jobs/" + id + "/retry");
  CHECK(retried.status == 202);
  CHECK(number_at(retried.json(), {"retryCount"}) == 0);
  const auto done = stack.final_job(id);
  CHECK(text_at(done, {"status"}) == "completed");
  CHECK(size_at(done, {"attempts"}) == 2);
  CHECK(stack.call("POST", "/worker/jobs/" + id + "/retry").status == 409);
  CHECK(dead_letters(stack) == 0);

  const std::string other = add_dead_letter(stack, "bob");
  CHECK(stack.call("DELETE", "/worker/dead-letters/" + id).status == 409);
  CHECK(stack.call("DELETE", "/worker/dead-letters/" + other).status == 200);
  CHECK(stack.get("/worker/jobs/" + other).status == 404);
  CHECK(stack.call("DELETE", "/worker/dead-letters/" + other).status == 404);
}

TEST_CASE("dead letters are retried by filter") {
  service_stack stack;
  const std::string first = add_dead_letter(stack, "ann");
  const std::string second = add_dead_letter(stack, "bob");
  const auto some = stack.call(
      "POST", "/worker/dead-letters/retry", R"({"userId":"bob","type":"image_conversion"})"
  );
  REQUIRE(some.status == 200);
  CHECK(number_at(some.json(), {"retried"}) == 1);
  CHECK(text_at(stack.final_job(second), {"status"}) == "completed");
  CHECK(dead_letters(stack) == 1);
  const auto rest =
      stack.call("POST", "/worker/dead-letters/retry", R"({"errorClass":"safety_blocked"})");
  CHECK(number_at(rest.json(), {"retried"}) == 1);
  CHECK(text_at(stack.final_job(first), {"status"}) == "completed");
  CHECK(stack.call("POST", "/worker/dead-letters/retry", R"({"colour":"red"})").status == 400);
}

TEST_CASE("jobs of a paused type wait until it goes on, also over a restart") {
  service_stack stack;
  CHECK(stack.call("POST", "/worker/types/image_conversion/pause").status == 200);
  CHECK(stack.call("POST", "/worker/types/nonsense/pause").status == 404);
  const auto id = stack.submit();
  CHECK(text_at(stack.get("/worker/stats").json(), {"pausedTypes", "0"}) == "image_conversion");
  stack.worker().signal(SIGTERM);
  REQUIRE(stack.worker().wait(20s) == 0);
  stack.start_worker();
  CHECK(size_at(stack.get("/worker/status").json(), {"pausedTypes"}) == 1);
  CHECK(text_at(stack.get("/worker/jobs/" + id).json(), {"status"}) == "pending");
  CHECK(stack.call("POST", "/worker/types/image_conversion/resume").status == 200);
  CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
}

TEST_CASE("a full queue answers 429, with a time to come again") {
  service_stack stack{{{"QUEUE_MAX_JOBS", "2"}}};
  REQUIRE(stack.call("POST", "/worker/types/image_conversion/pause").status == 200);
  stack.submit();
  stack.submit();
  const auto refused = stack.call("POST", "/worker/jobs", stack.job_body());
  CHECK(refused.status == 429);
  CHECK_FALSE(header_of(refused, "retry-after").empty());
  CHECK(refused.content_type == "application/problem+json");
  REQUIRE(stack.call("POST", "/worker/types/image_conversion/resume").status == 200);
  wait_until("there is room again", [&] {
    return stack.call("POST", "/worker/jobs", stack.job_body()).status == 201;
  });
}

TEST_CASE("a user whose jobs fill its part of the queue gets 429, and others do not") {
  service_stack stack{{{"QUEUE_MAX_JOBS_PER_USER", "2"}}};
  REQUIRE(stack.call("POST", "/worker/types/image_conversion/pause").status == 200);
  stack.submit({"", "ann", "", ""});
  const auto waiting = stack.submit({"", "ann", "", ""});
  const auto refused = stack.call("POST", "/worker/jobs", stack.job_body({"", "ann", "", ""}));
  CHECK(refused.status == 429);
  CHECK_FALSE(header_of(refused, "retry-after").empty());
  CHECK(text_at(refused.json(), {"detail"}).find("2 of its jobs wait") != std::string::npos);
  const auto batch = stack.call(
      "POST", "/worker/jobs/batch",
      R"({"jobs":[)" + stack.job_body({"", "ann", "", ""}) + ","
          + stack.job_body({"", "bob", "", ""}) + "]}"
  );
  REQUIRE(batch.status == 200);
  CHECK(text_at(batch.json(), {"jobs", "0", "error", "class"}) == "rate_limited");
  CHECK(text_at(batch.json(), {"jobs", "1", "status"}) == "pending");
  CHECK(stack.call("DELETE", "/worker/jobs/" + waiting).status == 200);
  stack.submit({"", "ann", "", ""});
}

TEST_CASE("a job of more than 64 KiB is refused as too large") {
  service_stack stack;
  const auto refused =
      stack.call("POST", "/worker/jobs", stack.job_body({"", "ann", std::string(70'000, 'x'), ""}));
  CHECK(refused.status == 413);
  CHECK(refused.content_type == "application/problem+json");
}

TEST_CASE("each call to the provider is in the job's ledger, with what came of it") {
  service_stack stack;
  const auto job = stack.final_job(stack.submit({"", "ann", "[[sim:503 x1]]", ""}));
  REQUIRE(text_at(job, {"status"}) == "completed");
  REQUIRE(size_at(job, {"providerCalls"}) == 2);
  CHECK(text_at(job, {"providerCalls", "0", "state"}) == "settled");
  CHECK(text_at(job, {"providerCalls", "0", "outcome"}) == "unavailable");
  CHECK(text_at(job, {"providerCalls", "1", "outcome"}) == "image");
  CHECK(number_at(job, {"ambiguousCalls"}) == 0);
}

TEST_CASE("a call under way when the process is killed is ambiguous, and paid for again once only"
) {
  service_stack stack{{}, {"--latency", "1500ms"}};
  const auto id = stack.submit({"", "ann", "", ""});
  const auto has_open_call = [&](int attempt) {
    const auto job = stack.get("/worker/jobs/" + id).json();
    return size_at(job, {"providerCalls"}) == attempt
           && text_at(job, {"providerCalls", std::to_string(attempt - 1), "state"}) == "open";
  };
  for (int attempt = 1; attempt <= 2; ++attempt) {
    wait_until("the provider is called", [&] { return has_open_call(attempt); });
    stack.worker().signal(SIGKILL);
    stack.worker().wait(10s);
    stack.start_worker();
  }
  const auto job = stack.final_job(id);
  CHECK(text_at(job, {"status"}) == "failed");
  CHECK(text_at(job, {"error", "class"}) == "ambiguous_call");
  CHECK(text_at(job, {"error", "message"}).find("unknown fate: 2") != std::string::npos);
  CHECK(number_at(job, {"ambiguousCalls"}) == 2);
  CHECK(text_at(job, {"providerCalls", "0", "state"}) == "ambiguous");
}
