// SPDX-License-Identifier: MIT

// Whatever is submitted: each problem says where and what, and a job that is accepted keeps within
// the rules, is the same in a batch, and is read again as it was written.
#include "http/api/json/jobs/job_batch_json.hpp"
#include "http/api/json/jobs/job_request_json.hpp"
#include "messages/base/duration.hpp"
#include "messages/jobs/user_id.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace stayler;
using namespace std::chrono_literals;
using fuzz::require;
using http::job_rules;

namespace {

const job_rules& fuzzed_rules() {
  static const job_rules rules{
      2,
      5,
      300s,
      {{{"cdn.example.com", 0}, {".example.org", 8'080}}, false},
      *parse_rfc3339("2100-01-01T00:00:00Z")};
  return rules;
}

void check_problems(const std::vector<field_problem>& problems) {
  for (const field_problem& each : problems) {
    require(!each.message.empty() && each.message.size() < 8'192);
  }
}

bool names_image(const std::string& id) {
  const bool is_url = adapters::check_url(id, fuzzed_rules().image_urls).has_value();
  return is_url || http::is_plain_id(id);
}

void check_request(const job_request& request) {
  const job_payload& payload = request.payload;
  require(is_user_id(request.user_id));
  require(request.priority >= 1 && request.priority <= 20 && request.max_retries <= 5);
  require(request.timeout >= 100ms && request.timeout <= 24h);
  require(request.run_at <= fuzzed_rules().latest_start);
  if (request.type == job_type::image_conversion) {
    require(http::is_plain_id(request.conversion_id));
    require(names_image(payload.user_image_id) && names_image(payload.cloth_image_id));
    require(payload.operations.empty() && payload.image_id.empty());
  } else {
    require(names_image(payload.image_id) && payload.user_image_id.empty());
    require(!payload.operations.empty() && payload.operations.size() <= 16);
  }
  require(http::images_of(request).size() <= 2);
}

std::string written(const job_request& request) {
  adapters::json_writer json;
  json.begin_object().field("type", to_string(request.type)).field("userId", request.user_id);
  if (!request.conversion_id.empty()) {
    json.field("conversionId", request.conversion_id);
  }
  json.field("priority", request.priority).field("maxRetries", request.max_retries);
  json.field("timeout", format_duration(request.timeout));
  if (is_set(request.run_at)) {
    json.field("runAt", to_rfc3339(request.run_at));
  }
  json.key("payload");
  http::write_payload(json, request);
  return std::move(json.end_object()).text();
}

void check_batch(std::string_view body, const http::parsed_job_request& alone) {
  const auto listed = std::string{R"({"jobs":[)"}.append(body).append("]}");
  const auto batch = http::parse_job_batch(listed, fuzzed_rules());
  check_problems(batch.problems);
  require(batch.problems.empty() != batch.jobs.empty() && batch.jobs.size() <= 1'000);
  // What is nested too deep for a batch may be good alone.
  if (alone.problems.empty() && batch.problems.empty()) {
    require(batch.jobs.size() == 1 && batch.jobs[0].problems.empty());
    require(batch.jobs[0].request == alone.request);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  const auto parsed = http::parse_job_request(body, fuzzed_rules());
  check_problems(parsed.problems);
  check_batch(body, parsed);
  if (parsed.problems.empty()) {
    check_request(parsed.request);
    const auto again = http::parse_job_request(written(parsed.request), fuzzed_rules());
    require(again.problems.empty() && again.request == parsed.request);
  }
  return 0;
}
