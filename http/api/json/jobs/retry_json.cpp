// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/retry_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_fields.hpp"

#include <utility>

namespace stayler::http {

parsed_job_filter parse_job_filter(std::string_view body) {
  parsed_job_filter parsed;
  if (body.empty()) {
    return parsed;
  }
  const auto json = read_json_body(body, parsed.problems);
  if (!json) {
    return parsed;
  }
  json_fields root{*json, "", parsed.problems};
  if (const auto type = root.one_of("type", {"image_conversion", "image_processing"})) {
    parsed.filter.types.push_back(*parse_job_type(*type));
  }
  parsed.filter.user_id = root.user_id("userId", json_fields::presence::optional).value_or("");
  parsed.filter.conversion_id =
      root.id("conversionId", json_fields::presence::optional).value_or("");
  if (const auto name = root.text("errorClass")) {
    const auto kind = parse_error_class(*name);
    if (kind) {
      parsed.filter.errors.push_back(*kind);
    } else {
      parsed.problems.push_back({"errorClass", "is not an error class"});
    }
  }
  root.refuse_others();
  return parsed;
}

std::string render_retry_report(const retry_report& report) {
  adapters::json_writer json;
  json.begin_object().field("retried", report.retried).field("refused", report.refused);
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
