// SPDX-License-Identifier: MIT
#include "http/api/json/worker/audit_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_members.hpp"
#include "messages/base/text.hpp"

#include <utility>

namespace stayler::http {

namespace {

constexpr std::uint32_t max_audit_limit = 500;

std::string read_time(const std::string& text, timestamp& into) {
  const auto read = parse_rfc3339(text);
  into = read.value_or(timestamp{});
  return read ? "" : "must be a time such as 2026-01-31T12:00:00Z";
}

std::string read_text(const std::string& text, std::string& into) {
  into = text;
  return text.empty() ? "must not be empty" : "";
}

std::string read_audit_parameter(
    const std::string& name, const std::string& value, adapters::audit_query& into
) {
  if (name == "since" || name == "before") {
    return read_time(value, name == "since" ? into.since : into.before);
  }
  if (name == "actor") {
    return read_text(value, into.actor);
  }
  if (name == "action") {
    return read_text(value, into.action);
  }
  if (name == "target") {
    return read_text(value, into.target);
  }
  if (name == "requestId") {
    return read_text(value, into.request_id);
  }
  if (name == "outcome") {
    into.outcome = adapters::parse_audit_outcome(value);
    return into.outcome ? "" : "must be succeeded, refused or failed";
  }
  if (name == "limit") {
    into.limit = parse_number<std::uint32_t>(value).value_or(0);
    return into.limit >= 1 && into.limit <= max_audit_limit
               ? ""
               : "must be a whole number from 1 to 500";
  }
  if (name == "cursor") {
    into.below = parse_number<std::uint64_t>(value).value_or(0);
    return into.below > 0 ? "" : "must be the nextCursor of a page";
  }
  return "is not a parameter; there are since, before, actor, action, target, requestId, outcome, "
         "limit and cursor";
}

void write_record(adapters::json_writer& json, const adapters::audit_record& record) {
  json.begin_object().field("sequence", record.sequence);
  write_time(json, "time", record.at);
  json.field("who", record.who);
  write_text(json, "key", record.key);
  json.field("action", record.action);
  write_text(json, "target", record.target);
  write_text(json, "requestId", record.request_id);
  json.field("status", record.status);
  json.field("outcome", adapters::to_string(adapters::outcome_of(record)));
  write_text(json, "details", record.details);
  if (record.calls > 0) {
    json.field("calls", record.calls);
  }
  json.end_object();
}

}  // namespace

parsed_audit_query parse_audit_query(const request& req) {
  parsed_audit_query parsed;
  for (const auto& [name, value] : req.query) {
    if (auto problem = read_audit_parameter(name, value, parsed.query); !problem.empty()) {
      parsed.problems.push_back({name, std::move(problem)});
    }
  }
  return parsed;
}

std::string render_audit_page(const adapters::audit_page& page, std::string_view trail) {
  adapters::json_writer json;
  json.begin_object().key("records").begin_array();
  for (const auto& each : page.records) {
    write_record(json, each);
  }
  json.end_array().key("nextCursor");
  if (page.next > 0) {
    json.value(std::to_string(page.next));
  } else {
    json.null();
  }
  json.field("trail", trail).key("head").begin_object();
  json.field("sequence", page.newest).field("hash", page.newest_hash).end_object();
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
