// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/job_batch_json.hpp"

#include "adapters/json/json_reader.hpp"
#include "http/api/json/jobs/job_json.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "http/api/json/members/json_members.hpp"

namespace stayler::http {

parsed_job_batch parse_job_batch(std::string_view body, const job_rules& rules) {
  parsed_job_batch batch;
  const auto json = read_json_body(body, batch.problems);
  if (!json) {
    return batch;
  }
  json_fields root{*json, "", batch.problems};
  const auto* list = root.find("jobs", json_fields::presence::required);
  root.refuse_others();
  const auto* items = list != nullptr ? list->as<adapters::json_value::array>() : nullptr;
  if (list != nullptr && items == nullptr) {
    batch.problems.push_back({"jobs", "must be a list"});
  } else if (items != nullptr && (items->empty() || items->size() > max_batch_jobs)) {
    batch.problems.push_back({"jobs", "must hold 1 to 1000 jobs"});
  }
  if (!batch.problems.empty()) {
    return batch;
  }
  for (const auto& item : *items) {
    batch.jobs.push_back(read_job_request(item, rules));
  }
  return batch;
}

std::string render_batch(std::string_view batch_id, const std::vector<submit_answer>& answers) {
  adapters::json_writer json;
  json.begin_object().field("batchId", batch_id).key("jobs").begin_array();
  for (const auto& answer : answers) {
    if (answer.error) {
      json.begin_object();
      write_error(json, answer.error);
      json.end_object();
    } else {
      write_job(json, answer.receipt.accepted);
    }
  }
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
