// SPDX-License-Identifier: MIT

// Jobs are shown in the form that the former service's callers know, to the byte.

#include "http/api/json/jobs/job_json.hpp"

#include "adapters/json/json_reader.hpp"
#include "messages/jobs/job_filter.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using adapters::json_value;

namespace {

json_value shown(const job& j) {
  auto parsed = adapters::parse_json(http::render_job(j));
  REQUIRE(parsed);
  return std::move(parsed).value();
}

template <class T>
T at(const json_value& from, std::string_view name) {
  const auto* member = from.find(name);
  INFO(name);
  REQUIRE(member != nullptr);
  REQUIRE(member->as<T>() != nullptr);
  return *member->as<T>();
}

job minimal_job() {
  job j;
  j.id = *parse_job_id("01936b2a-0000-7000-8000-000000000001");
  j.request.conversion_id = "conv-1";
  j.request.user_id = "user:7";
  j.request.priority = 10;
  j.request.payload.user_image_id = "img_1";
  j.request.payload.cloth_image_id = "img.2";
  j.request.payload.options.quality = "high";
  j.request.max_retries = 5;
  j.request.timeout = 90s;
  j.created_at = j.updated_at = timestamp{1'000'000ms};
  return j;
}

/// With something in every member that can be shown.
job full_job() {
  auto j = minimal_job();
  j.request.payload.options = {"casual", "high", "\"blue\"\n\xC3\xA4", "3:4", "webp", true};
  j.request.run_at = timestamp{1'001'000ms};
  j.status = job_status::completed;
  j.worker_id = "node-1/worker-2";
  j.token = fencing_token{2};
  j.failures = 1;
  j.interruptions = 2;
  j.crashes = 3;
  j.possibly_billed = true;
  j.error = {error_class::timeout, "slow"};
  j.progress = {job_stage::recording, 95};
  j.attempts = {
      {fencing_token{1}, "worker-1", timestamp{1'002'000ms}, timestamp{1'003'000ms}, j.error},
      {fencing_token{2}, "node-1/worker-2", timestamp{1'004'000ms}, {}, {}}};
  j.calls = {
      {fencing_token{1}, call_state::ambiguous, timestamp{1'002'500ms}, timestamp{1'003'000ms}},
      {fencing_token{2}, call_state::settled, timestamp{1'004'500ms}, timestamp{1'005'000ms},
       error_class::none, 1'290, 38'700}};
  j.ambiguous_calls = 1;
  j.result = {"img-9", 800, 1'000, "image/webp", 5'000'000'000, true, "model-1"};
  j.updated_at = j.completed_at = timestamp{1'006'000ms};
  j.started_at = timestamp{1'004'000ms};
  return j;
}

}  // namespace

TEST_CASE("a job is shown to the byte") {
  CHECK(
      http::render_job(minimal_job())
      == R"({"id":"01936b2a-0000-7000-8000-000000000001","type":"image_conversion",)"
         R"("conversionId":"conv-1","userId":"user:7","priority":10,"status":"pending",)"
         R"("retryCount":0,"maxRetries":5,"timeout":"90s","interruptions":0,"crashes":0,)"
         R"("possiblyBilled":false,"payload":{"userImageId":"img_1","clothImageId":"img.2",)"
         R"("options":{"quality":"high"}},"progress":{"stage":"queued","percent":0},)"
         R"("attempts":[],"providerCalls":[],"ambiguousCalls":0,)"
         R"("createdAt":"1970-01-01T00:16:40.000Z","updatedAt":"1970-01-01T00:16:40.000Z"})"
  );
  CHECK(
      http::render_job(full_job())
      == R"({"id":"01936b2a-0000-7000-8000-000000000001","type":"image_conversion",)"
         R"("conversionId":"conv-1","userId":"user:7","priority":10,"status":"completed",)"
         R"("workerId":"node-1/worker-2","retryCount":1,"maxRetries":5,"timeout":"90s",)"
         R"("errorMessage":"slow","error":{"class":"timeout","message":"slow","retryable":true},)"
         R"("interruptions":2,"crashes":3,"possiblyBilled":true,)"
         R"("payload":{"userImageId":"img_1","clothImageId":"img.2","options":{"style":"casual",)"
         R"("quality":"high","prompt":"\"blue\"\n)"
         "\xC3\xA4"
         R"(","aspectRatio":"3:4","outputFormat":"webp","noCache":true}},)"
         R"("progress":{"stage":"recording","percent":95},)"
         R"("attempts":[{"attempt":1,"workerId":"worker-1","startedAt":"1970-01-01T00:16:42.000Z",)"
         R"("endedAt":"1970-01-01T00:16:43.000Z",)"
         R"("error":{"class":"timeout","message":"slow","retryable":true}},)"
         R"({"attempt":2,"workerId":"node-1/worker-2","startedAt":"1970-01-01T00:16:44.000Z"}],)"
         R"("providerCalls":[{"attempt":1,"state":"ambiguous",)"
         R"("openedAt":"1970-01-01T00:16:42.500Z","closedAt":"1970-01-01T00:16:43.000Z"},)"
         R"({"attempt":2,"state":"settled","openedAt":"1970-01-01T00:16:44.500Z",)"
         R"("closedAt":"1970-01-01T00:16:45.000Z","outcome":"image","tokens":1290,)"
         R"("cost":0.0387}],"ambiguousCalls":1,)"
         R"("result":{"imageId":"img-9","url":"/images/img-9",)"
         R"("thumbnailUrl":"/images/img-9/thumbnail","width":800,"height":1000,)"
         R"("mimeType":"image/webp","bytes":5000000000,"cached":true,"modelVersion":"model-1"},)"
         R"("runAt":"1970-01-01T00:16:41.000Z","createdAt":"1970-01-01T00:16:40.000Z",)"
         R"("updatedAt":"1970-01-01T00:16:46.000Z","startedAt":"1970-01-01T00:16:44.000Z",)"
         R"("completedAt":"1970-01-01T00:16:46.000Z"})"
  );
}

TEST_CASE("a new job is shown without what it does not have yet") {
  const auto json = shown(minimal_job());
  CHECK(at<std::string>(json, "id") == "01936b2a-0000-7000-8000-000000000001");
  CHECK(at<std::string>(json, "type") == "image_conversion");
  CHECK(at<std::string>(json, "status") == "pending");
  CHECK(at<std::int64_t>(json, "retryCount") == 0);
  CHECK(at<std::int64_t>(json, "maxRetries") == 5);
  CHECK(at<std::string>(json, "timeout") == "90s");
  CHECK(at<std::string>(json, "createdAt") == "1970-01-01T00:16:40.000Z");
  CHECK(at<std::string>(*json.find("progress"), "stage") == "queued");
  CHECK(at<json_value::array>(json, "attempts").empty());
  CHECK(at<std::string>(*json.find("payload")->find("options"), "quality") == "high");
  for (const auto* absent :
       {"workerId", "errorMessage", "error", "result", "startedAt", "completedAt", "dueAt"}) {
    INFO(absent);
    CHECK(json.find(absent) == nullptr);
  }
}

TEST_CASE("a completed job shows its result and where to fetch it") {
  auto j = minimal_job();
  j.status = job_status::completed;
  j.worker_id = "w1";
  j.result = {"img-9", 800, 1000, "image/webp", 12345, true, "model-1"};
  j.completed_at = timestamp{2'000'000ms};
  const auto json = shown(j);
  const auto& result = *json.find("result");
  CHECK(at<std::string>(result, "imageId") == "img-9");
  CHECK(at<std::string>(result, "url") == "/images/img-9");
  CHECK(at<std::string>(result, "thumbnailUrl") == "/images/img-9/thumbnail");
  CHECK(at<std::int64_t>(result, "width") == 800);
  CHECK(at<std::int64_t>(result, "bytes") == 12345);
  CHECK(at<bool>(result, "cached"));
  CHECK(at<std::string>(json, "workerId") == "w1");
  CHECK(json.find("completedAt") != nullptr);
}

TEST_CASE("a job says that it is a suspect while it is one") {
  auto j = minimal_job();
  j.crashes = 1;
  CHECK(shown(j).find("suspect") == nullptr);
  j.crashes = 2;
  CHECK(at<bool>(shown(j), "suspect"));
  j.status = job_status::completed;
  CHECK(shown(j).find("suspect") == nullptr);
}

TEST_CASE("a failed job shows its error and each attempt") {
  auto j = minimal_job();
  j.status = job_status::failed;
  j.failures = 3;
  j.crashes = 1;
  j.interruptions = 2;
  j.possibly_billed = true;
  j.error = {error_class::safety_blocked, "refused"};
  j.attempts = {
      {fencing_token{1}, "w1", timestamp{1ms}, timestamp{2ms}, {error_class::timeout, "slow"}},
      {fencing_token{2}, "w2", timestamp{3ms}, {}, {}}};
  const auto json = shown(j);
  CHECK(at<std::int64_t>(json, "retryCount") == 2);
  CHECK(at<std::string>(json, "errorMessage") == "refused");
  CHECK(at<std::string>(*json.find("error"), "class") == "safety_blocked");
  CHECK_FALSE(at<bool>(*json.find("error"), "retryable"));
  CHECK(at<std::int64_t>(json, "crashes") == 1);
  CHECK(at<std::int64_t>(json, "interruptions") == 2);
  CHECK(at<bool>(json, "possiblyBilled"));
  const auto attempts = at<json_value::array>(json, "attempts");
  REQUIRE(attempts.size() == 2);
  CHECK(at<std::int64_t>(attempts[0], "attempt") == 1);
  CHECK(at<bool>(*attempts[0].find("error"), "retryable"));
  CHECK(attempts[1].find("endedAt") == nullptr);
  CHECK(attempts[1].find("error") == nullptr);
}

TEST_CASE("an attempt shows when it came to each stage") {
  auto j = minimal_job();
  j.attempts = {
      {fencing_token{1}, "w1", timestamp{1ms}, {}, {}, {{job_stage::downloading, timestamp{2ms}}}}};
  const auto attempts = at<json_value::array>(shown(j), "attempts");
  const auto stages = at<json_value::array>(attempts[0], "stages");
  REQUIRE(stages.size() == 1);
  CHECK(at<std::string>(stages[0], "stage") == "downloading");
  CHECK(at<std::string>(stages[0], "startedAt") == "1970-01-01T00:00:00.002Z");
}

TEST_CASE("a job that was tried shows what comes next, and one that was not does not") {
  auto j = minimal_job();
  CHECK(shown(j).find("next") == nullptr);
  j.status = job_status::scheduled;
  j.failures = 1;
  j.due_at = timestamp{3'000'000ms};
  j.attempts = {
      {fencing_token{1}, "w1", timestamp{1ms}, timestamp{2ms}, {error_class::timeout, ""}}};
  const auto json = shown(j);
  CHECK(at<std::string>(*json.find("next"), "action") == "retry");
  CHECK(at<std::string>(*json.find("next"), "at") == "1970-01-01T00:50:00.000Z");
  j.status = job_status::failed;
  const auto dead = shown(j);
  CHECK(at<std::string>(*dead.find("next"), "action") == "none");
  CHECK(dead.find("next")->find("at") == nullptr);
}

TEST_CASE("a job that waits says why, where it is known how the service stands") {
  const auto waiting_of = [](const job& j, const policies::service_snapshot& service) {
    return adapters::parse_json(http::render_job(j, &service)).value();
  };
  policies::service_snapshot service{timestamp{1'000s}, queue_status{}, latency_report{}, {}, {}};
  service.queue->state = service_state::running;
  service.queue->counts.pending = 3;
  service.queue->workers = {{"w1", "here", true, {}, {}, {}, 0, 0}};
  service.latencies->stages = {{"total", 300, 1, 2, 3}};
  CHECK(shown(minimal_job()).find("waiting") == nullptr);
  const auto behind = waiting_of(minimal_job(), service);
  const auto& waiting = *behind.find("waiting");
  CHECK(at<std::string>(waiting, "reason") == "behind");
  CHECK(at<std::int64_t>(waiting, "aheadAtMost") == 2);
  CHECK(at<std::string>(*waiting.find("estimatedStartAt"), "from") == "1970-01-01T00:16:40.000Z");
  CHECK(at<std::string>(*waiting.find("estimatedStartAt"), "to") == "1970-01-01T00:16:50.000Z");
  CHECK(waiting.find("until") == nullptr);
  service.queue->paused = {
      {job_type::image_conversion, timestamp{900s}, timestamp{2'000s}, "ops", "switching keys"}};
  const auto paused = waiting_of(minimal_job(), service);
  CHECK(at<std::string>(*paused.find("waiting"), "blockedBy") == "image_conversion");
  CHECK(at<std::string>(*paused.find("waiting"), "until") == "1970-01-01T00:33:20.000Z");
  const auto& pause = *paused.find("waiting")->find("pause");
  CHECK(at<std::string>(pause, "by") == "ops");
  CHECK(at<std::string>(pause, "reason") == "switching keys");
  CHECK(at<std::string>(pause, "since") == "1970-01-01T00:15:00.000Z");
  auto later = minimal_job();
  later.status = job_status::scheduled;
  later.due_at = later.request.run_at = timestamp{2'000s};
  service.queue->paused.clear();
  CHECK(
      at<std::string>(*waiting_of(later, service).find("waiting"), "until")
      == "1970-01-01T00:33:20.000Z"
  );
}

TEST_CASE("a job that can wait says so") {
  auto j = minimal_job();
  CHECK(shown(j).find("urgency") == nullptr);
  j.request.urgency = job_urgency::low;
  CHECK(at<std::string>(shown(j), "urgency") == "low");
}

TEST_CASE("failures that another attempt followed are retries") {
  auto j = minimal_job();
  j.failures = 2;
  for (const auto status : {job_status::scheduled, job_status::processing, job_status::completed}) {
    j.status = status;
    CHECK(at<std::int64_t>(shown(j), "retryCount") == 2);
  }
  // What made it fail for good was no failure of its own.
  j.status = job_status::failed;
  for (const auto kind : {error_class::worker_lost, error_class::ambiguous_call}) {
    j.error = {kind, "lost"};
    CHECK(at<std::int64_t>(shown(j), "retryCount") == 2);
  }
  j.status = job_status::scheduled;
  j.due_at = timestamp{3'000'000ms};
  CHECK(at<std::string>(shown(j), "dueAt") == "1970-01-01T00:50:00.000Z");
}

TEST_CASE("a page names the next one, and the last page none") {
  job_page page;
  page.jobs = {minimal_job(), minimal_job()};
  page.next = page.jobs.back().id;
  const auto json = adapters::parse_json(http::render_job_page(page)).value();
  CHECK(at<json_value::array>(json, "jobs").size() == 2);
  CHECK(at<std::string>(json, "nextCursor") == to_string(page.next));
  const auto last = adapters::parse_json(http::render_job_page({})).value();
  CHECK(last.find("nextCursor")->is_null());
}
