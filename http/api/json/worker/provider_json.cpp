// SPDX-License-Identifier: MIT
#include "http/api/json/worker/provider_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_members.hpp"

#include <utility>

namespace stayler::http {

namespace {

using adapters::json_writer;

void write_spending(json_writer& json, const spending& amount) {
  json.field("calls", amount.calls).field("promptTokens", amount.prompt_tokens);
  json.field("textTokens", amount.text_tokens).field("imageTokens", amount.image_tokens);
  json.field("cost", in_dollars(amount.cost));
}

}  // namespace

namespace {

void write_models(json_writer& json, const std::vector<model_status>& models) {
  json.key("models").begin_array();
  for (const model_status& model : models) {
    json.begin_object().field("name", model.name).field("breaker", to_string(model.breaker));
    write_time_or_null(json, "retiredUntil", model.retired_until);
    json.field("calls", model.calls).end_object();
  }
  json.end_array();
}

}  // namespace

std::string render_provider(const provider_status& status) {
  json_writer json;
  json.begin_object().field("breaker", to_string(status.breaker));
  json.field("callsInFlight", status.calls_in_flight).field("callsWaiting", status.calls_waiting);
  json.field("maxInFlight", status.max_in_flight);
  json.field("coordinators", status.coordinators);
  json.key("requestsPerMinute");
  if (status.requests_per_minute > 0) {
    json.value(status.requests_per_minute);
  } else {
    json.null();
  }
  write_time_or_null(json, "closedUntil", status.closed_until);
  if (!status.closed_reason.empty()) {
    json.field("closedReason", status.closed_reason);
  }
  json.field("calls", status.calls).field("failedCalls", status.failed_calls);
  json.field("model", status.model);
  write_models(json, status.models);
  write_time_or_null(json, "lastSuccess", status.last_success);
  write_time_or_null(json, "lastFailure", status.last_failure);
  if (status.last_error) {
    json.key("lastError").begin_object().field("class", to_string(status.last_error.kind));
    json.field("message", status.last_error.message).end_object();
  }
  json.end_object();
  return std::move(json).text();
}

std::string render_spending(const spending_report& report) {
  json_writer json;
  json.begin_object().field("day", report.day).field("currency", "USD");
  write_time_or_null(json, "resetsAt", report.resets_at);
  json.key("total").begin_object();
  write_spending(json, report.total);
  json.end_object().field("reserved", in_dollars(report.reserved));
  write_budget(json, "budgetPerDay", report.budget);
  write_budget(json, "budgetPerUser", report.user_budget);
  json.key("users").begin_array();
  for (const user_spending& user : report.users) {
    json.begin_object().field("userId", user.user_id);
    write_spending(json, user.amount);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
