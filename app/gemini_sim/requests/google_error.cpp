// SPDX-License-Identifier: MIT
#include "app/gemini_sim/requests/google_error.hpp"

#include "adapters/json/json_writer.hpp"

#include <utility>

namespace stayler::sim {

using adapters::json_writer;

namespace {

json_writer begin_detail(std::string_view type) {
  json_writer json;
  json.begin_object().field("@type", "type.googleapis.com/google.rpc." + std::string{type});
  return json;
}

/// Seconds as protobuf writes a duration: "2s", "0.500s".
std::string protobuf_duration(std::chrono::milliseconds d) {
  std::string text = std::to_string(d.count() / 1000);
  if (const auto rest = d.count() % 1000; rest != 0) {
    text += '.' + std::to_string(1000 + rest).substr(1);
  }
  return text + 's';
}

}  // namespace

google_error invalid_argument(std::string message) {
  return {400, "INVALID_ARGUMENT", std::move(message), {}};
}

google_error not_found(std::string message) {
  return {404, "NOT_FOUND", std::move(message), {}};
}

google_error invalid_fields(const std::vector<field_problem>& problems) {
  std::string message;
  json_writer json = begin_detail("BadRequest");
  json.key("fieldViolations").begin_array();
  for (const auto& problem : problems) {
    message += (message.empty() ? "" : "\n") + problem.message;
    json.begin_object();
    if (!problem.field.empty()) {
      json.field("field", problem.field);
    }
    json.field("description", problem.message).end_object();
  }
  json.end_array().end_object();
  google_error error = invalid_argument(std::move(message));
  error.details.push_back(std::move(json).text());
  return error;
}

std::string error_info(std::string_view reason) {
  json_writer json = begin_detail("ErrorInfo");
  json.field("reason", reason).field("domain", "googleapis.com");
  json.key("metadata").begin_object().field("service", "generativelanguage.googleapis.com");
  json.end_object().end_object();
  return std::move(json).text();
}

std::string localized_message(std::string_view message) {
  json_writer json = begin_detail("LocalizedMessage");
  json.field("locale", "en-US").field("message", message).end_object();
  return std::move(json).text();
}

std::string retry_info(std::chrono::milliseconds delay) {
  json_writer json = begin_detail("RetryInfo");
  json.field("retryDelay", protobuf_duration(delay)).end_object();
  return std::move(json).text();
}

std::string quota_failure(std::string_view quota_id, std::string_view model, unsigned long limit) {
  json_writer json = begin_detail("QuotaFailure");
  json.key("violations").begin_array().begin_object();
  json.field("quotaMetric", "generativelanguage.googleapis.com/generate_requests_per_model");
  json.field("quotaId", quota_id);
  json.key("quotaDimensions").begin_object().field("model", model).field("location", "global");
  json.end_object().field("quotaValue", std::to_string(limit));
  json.end_object().end_array().end_object();
  return std::move(json).text();
}

http::response to_response(const google_error& error, bool in_array) {
  json_writer json;
  json.begin_object().key("error").begin_object();
  json.field("code", error.http_status).field("message", error.message);
  json.field("status", error.status);
  if (!error.details.empty()) {
    json.key("details").begin_array();
    for (const auto& detail : error.details) {
      json.raw(detail);
    }
    json.end_array();
  }
  json.end_object().end_object();
  http::response answer;
  answer.status = error.http_status;
  answer.headers = {{"Content-Type", "application/json; charset=UTF-8"}};
  answer.body = in_array ? '[' + json.text() + ']' : std::move(json).text();
  return answer;
}

}  // namespace stayler::sim
