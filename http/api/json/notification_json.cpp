// SPDX-License-Identifier: MIT
#include "http/api/json/notification_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "adapters/url_rules/url_rules.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "http/api/json/members/json_members.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace stayler::http {

namespace {

constexpr std::uint32_t max_notification_limit = 500;

bool read_states(std::string_view list, std::vector<outbox_state>& into) {
  while (!list.empty()) {
    const auto state = parse_outbox_state(take_until(list, ","));
    if (!state) {
      return false;
    }
    into.push_back(*state);
  }
  return true;
}

/// Of the form MILLISECONDS.EVENT_ID, which no caller need know.
std::optional<notification_cursor> parse_notification_cursor(std::string_view text) {
  const auto age = parse_number<std::int64_t>(take_until(text, "."));
  if (!age || text.empty()) {
    return std::nullopt;
  }
  return notification_cursor{timestamp{milliseconds{*age}}, std::string{text}};
}

std::string print_cursor(const notification_cursor& cursor) {
  return std::to_string(cursor.created_at.time_since_epoch().count()) + "." + cursor.event_id;
}

constexpr std::array<std::string_view, 8> events{
    "conversion.completed", "conversion.failed",    "conversion.cancelled", "processing.completed",
    "processing.failed",    "processing.cancelled", alert_firing_event,     alert_resolved_event};

constexpr auto must_be_event =
    "must be conversion.completed, conversion.failed, conversion.cancelled, or one of these with "
    "processing in place of conversion, alert.firing or alert.resolved";

/// An empty name is none: it would select them all.
bool is_event(std::string_view name) {
  return std::ranges::find(events, name) != events.end();
}

std::string read_notification_parameter(
    const std::string& name, const std::string& value, notification_filter& into
) {
  if (name == "state") {
    return read_states(value, into.states) ? "" : "must be of open, delivered, given_up";
  }
  if (name == "limit") {
    const auto limit = parse_number<std::uint32_t>(value).value_or(0);
    into.limit = limit;
    return limit >= 1 && limit <= max_notification_limit ? ""
                                                         : "must be a whole number from 1 to 500";
  }
  if (name == "cursor") {
    into.after = parse_notification_cursor(value);
    return into.after ? "" : "must be the nextCursor of a page";
  }
  if (name == "job") {
    into.job = value;
    return parse_job_id(value) ? "" : "must be the id of a job";
  }
  if (name == "event") {
    into.event = value;
    return is_event(value) ? "" : must_be_event;
  }
  return "";
}

void write_alert(adapters::json_writer& json, const alert_notice& alert) {
  json.key("alert").begin_object().field("name", alert.name).field("summary", alert.summary);
  json.field("instance", alert.instance);
  write_time(json, "since", alert.since);
  json.end_object();
}

void write_notification(adapters::json_writer& json, const kept_notification& shown) {
  const notification& event = shown.event;
  const bool is_open = shown.state == outbox_state::open;
  json.begin_object().field("id", event.event_id).field("event", event.event);
  json.field("state", to_string(shown.state));
  if (event.alert.name.empty()) {
    json.field("jobId", to_string(event.job));
    write_text(json, "conversionId", event.conversion_id);
    json.field("userId", event.user_id);
  } else {
    write_alert(json, event.alert);
  }
  // Without its path, which may be what lets one post there.
  write_text(
      json, "receiver", event.webhook_url.empty() ? "" : adapters::origin_of(event.webhook_url)
  );
  json.field("attempts", shown.tries);
  if (!shown.error.empty()) {
    json.key("lastError").begin_object().field("problem", to_string(shown.problem));
    json.field("message", shown.error).end_object();
  }
  write_time(json, "createdAt", shown.created_at);
  write_time(json, is_open ? "nextAttemptAt" : "endedAt", shown.due_at);
  json.end_object();
}

}  // namespace

parsed_notification_filter parse_notification_query(const request& req) {
  parsed_notification_filter parsed;
  for (const auto& [name, value] : req.query) {
    auto problem = read_notification_parameter(name, value, parsed.filter);
    if (!problem.empty()) {
      parsed.problems.push_back({name, std::move(problem)});
    }
  }
  if (parsed.filter.states.empty()) {
    parsed.filter.states = {outbox_state::open, outbox_state::given_up};
  }
  return parsed;
}

parsed_notification_filter parse_redelivery(std::string_view body) {
  parsed_notification_filter parsed;
  if (body.empty()) {
    return parsed;
  }
  const auto json = read_json_body(body, parsed.problems);
  if (!json) {
    return parsed;
  }
  json_fields root{*json, "", parsed.problems};
  if (const auto job = root.text("job")) {
    parsed.filter.job = *job;
    if (!parse_job_id(*job)) {
      root.add_problem("job", "must be the id of a job");
    }
  }
  if (const auto event = root.text("event")) {
    parsed.filter.event = *event;
    if (!is_event(*event)) {
      root.add_problem("event", must_be_event);
    }
  }
  root.refuse_others();
  return parsed;
}

std::string render_notification(const kept_notification& shown) {
  adapters::json_writer json;
  write_notification(json, shown);
  return std::move(json).text();
}

std::string render_notification_page(const notification_page& page) {
  adapters::json_writer json;
  json.begin_object().key("notifications").begin_array();
  for (const kept_notification& each : page.notifications) {
    write_notification(json, each);
  }
  json.end_array().key("nextCursor");
  if (page.next) {
    json.value(print_cursor(*page.next));
  } else {
    json.null();
  }
  json.end_object();
  return std::move(json).text();
}

std::string render_redelivery(const redelivery_report& report) {
  adapters::json_writer json;
  json.begin_object().field("redelivered", report.redelivered).field("hasMore", report.has_more);
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
