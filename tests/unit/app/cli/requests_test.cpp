// SPDX-License-Identifier: MIT
#include "app/cli/command_error.hpp"
#include "app/cli/jobs/job_request.hpp"
#include "app/cli/jobs/waiting_texts.hpp"
#include "app/cli/options/option_changes.hpp"
#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::cli;

namespace {

const timestamp request_time = *parse_rfc3339("2026-11-30T10:00:00.000Z");

adapters::json_value json_of(std::string_view text) {
  return *adapters::parse_json(text);
}

const adapters::json_value some_schema = json_of(
    R"({"options":[{"name":"maxWorkers","variable":"WORKER_MAX_WORKERS","kind":"number"},
        {"name":"retry.jitter","variable":"RETRY_JITTER","kind":"boolean"},
        {"name":"retry.maxDelay","variable":"RETRY_MAX_DELAY","kind":"text"}]})"
);

template <class Work>
std::string why_refused(const Work& work) {
  try {
    static_cast<void>(work());
  } catch (const command_error& error) {
    CHECK(error.code == exit_code::usage);
    return error.why + "|" + error.what_to_do;
  }
  return {};
}

}  // namespace

TEST_CASE("a conversion is asked for with what was said and nothing else") {
  job_request request;
  request.conversion = "c-1";
  request.user = "ann";
  request.person = "p";
  request.garment = "g";
  CHECK(
      render_job_request(request)
      == R"({"type":"image_conversion","conversionId":"c-1","userId":"ann","payload":)"
         R"({"userImageId":"p","clothImageId":"g","options":{}}})"
  );
  request.priority = "urgent";
  request.retries = 0;
  request.options = {{"style", "casual"}};
  request.no_cache = true;
  CHECK(
      render_job_request(request)
      == R"({"type":"image_conversion","conversionId":"c-1","userId":"ann","priority":20,)"
         R"("maxRetries":0,"payload":{"userImageId":"p","clothImageId":"g",)"
         R"("options":{"style":"casual","noCache":true}}})"
  );
  request.priority = "21";
  CHECK_FALSE(why_refused([&] { return render_job_request(request); }).empty());
}

TEST_CASE("operations on a picture are written as words") {
  job_request request;
  request.type = "image_processing";
  request.picture = "i";
  request.operations = {"resize:800x600:cover", "thumbnail:256", "convert:jpeg:80", "strip"};
  CHECK(
      render_job_request(request)
      == R"({"type":"image_processing","payload":{"imageId":"i","options":{"operations":[)"
         R"({"type":"resize","width":800,"height":600,"fit":"cover"},{"type":"thumbnail","size":256},)"
         R"({"type":"convert","format":"jpeg","quality":80},{"type":"strip"}]}}})"
  );
  for (const auto* bad : {"resize:axb", "turn:90", "convert:", "thumbnail:big"}) {
    request.operations = {bad};
    INFO(bad);
    CHECK_FALSE(why_refused([&] { return render_job_request(request); }).empty());
  }
}

TEST_CASE("a job's time is so long from now, a day or a time") {
  CHECK(read_run_at("10m", request_time) == "2026-11-30T10:10:00.000Z");
  CHECK(read_run_at("2026-12-01", request_time) == "2026-12-01T00:00:00.000Z");
  CHECK_FALSE(why_refused([] { return read_run_at("tomorrow", request_time); }).empty());
}

TEST_CASE("options are changed by either name, each with its kind, in its object") {
  const std::vector<wanted_option> wanted{
      read_option_change("maxWorkers=10", some_schema),
      read_option_change("RETRY_JITTER=false", some_schema),
      read_option_change("retry.maxDelay=5s", some_schema)};
  CHECK(
      render_option_changes(wanted, some_schema)
      == R"({"maxWorkers":10,"retry":{"jitter":false,"maxDelay":"5s"}})"
  );
  CHECK(
      why_refused([] { return read_option_change("maxWorker=1", some_schema); }
      ).find("the nearest is maxWorkers")
      != std::string::npos
  );
  CHECK_FALSE(why_refused([] { return read_option_change("maxWorkers", some_schema); }).empty());
}

TEST_CASE("every reason for waiting is explained, with what helps where something does") {
  for (const auto* reason :
       {"stopped", "paused", "budget", "user_budget", "quota", "backoff", "due_later",
        "provider_closed", "no_worker", "suspect_alone", "behind", "dispatching"}) {
    const auto job = json_of(
        std::string{R"({"id":"j","type":"t","status":"pending","waiting":{"reason":")"} + reason
        + R"("}})"
    );
    const auto explained = explain_job(job, request_time);
    INFO(reason);
    CHECK_FALSE(explained.what.starts_with("It waits"));
    CHECK(
        explained.help.empty()
        == (std::string_view{reason} == "suspect_alone" || std::string_view{reason} == "dispatching"
        )
    );
    for (const auto& help : explained.help) {
      CHECK(help.find('{') == std::string::npos);
    }
  }
}

TEST_CASE("place, estimate and last error are told as the API knows them") {
  const auto explained = explain_job(
      json_of(R"({"id":"j","status":"pending","waiting":{"reason":"behind","aheadAtMost":12,
          "estimatedStartAt":{"from":"2026-11-30T10:05:00.000Z","to":"2026-11-30T10:08:00.000Z"}},
          "error":{"class":"timeout","message":"no answer"},
          "next":{"action":"retry","at":"2026-11-30T10:01:00.000Z","why":"timeout is tried again"}})"
      ),
      request_time
  );
  REQUIRE(explained.facts.size() == 3);
  CHECK(explained.facts[0] == "12 waiting jobs may go first, no more");
  CHECK(explained.facts[1] == "starts in 5m to in 8m, if nothing more urgent comes");
  CHECK(explained.facts[2] == "last error: timeout: no answer");
  CHECK(explained.next == "retry in 60s: timeout is tried again");
  CHECK(short_waiting_text(json_of(R"({"reason":"behind","aheadAtMost":3})")) == "behind 3 others");
}
