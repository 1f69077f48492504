// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/pause_json.hpp"

#include "http/api/json/members/json_fields.hpp"
#include "http/api/json/members/json_members.hpp"
#include "messages/base/duration.hpp"
#include "messages/base/printable.hpp"

#include <fmt/core.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace stayler::http {

namespace {

constexpr std::size_t max_reason_characters = 200;

/// What is to last longer has no end that anybody waits for.
constexpr std::chrono::days longest_pause{31};
constexpr milliseconds shortest_pause{1'000};

/// The time that a body gives for the end, or what is wrong with it.
timestamp read_end(json_fields& from, timestamp now) {
  const auto until = from.time("until");
  const auto lasts = from.duration("for", shortest_pause, longest_pause);
  if (from.has("until") && from.has("for")) {
    from.add_problem("for", "is said in two ways; allowed: either until or for");
    return {};
  }
  if (lasts) {
    return now + *lasts;
  }
  if (until && (*until < now + shortest_pause || *until > now + longest_pause)) {
    from.add_problem(
        "until", fmt::format(
                     "is {}, and must be in the future, {} days ahead at most (it is {} now)",
                     to_rfc3339(*until), longest_pause.count(), to_rfc3339(now)
                 )
    );
  }
  return until.value_or(timestamp{});
}

/// "until 2026-11-30T12:00:00.000Z, by ops: switching keys", as far as that is known.
std::string described(const type_pause& pause) {
  std::string text{"paused"};
  if (is_set(pause.until)) {
    text += " until " + to_rfc3339(pause.until);
  }
  if (!pause.by.empty()) {
    text += ", by " + pause.by;
  }
  return pause.reason.empty() ? text : text + ": " + pause.reason;
}

std::string described(const std::optional<type_pause>& pause) {
  return pause ? described(*pause) : "not paused";
}

}  // namespace

parsed_pause parse_pause(std::string_view body, timestamp now) {
  parsed_pause parsed;
  if (body.empty()) {
    return parsed;
  }
  const auto json = read_json_body(body, parsed.problems);
  if (!json) {
    return parsed;
  }
  json_fields root{*json, "", parsed.problems};
  parsed.wanted.until = read_end(root, now);
  parsed.wanted.reason = root.text("reason", max_reason_characters).value_or("");
  if (const std::string& reason = parsed.wanted.reason;
      !reason.empty() && !is_printable_line(reason, max_reason_characters)) {
    root.add_problem(
        "reason", "must be one line of printable characters, with no blank at either end"
    );
  }
  root.refuse_others();
  return parsed;
}

void write_pause_members(adapters::json_writer& json, const type_pause& pause) {
  json.field("type", to_string(pause.type));
  write_time(json, "since", pause.since);
  write_time(json, "until", pause.until);
  write_text(json, "by", pause.by);
  write_text(json, "reason", pause.reason);
}

void write_pauses(adapters::json_writer& json, const std::vector<type_pause>& pauses) {
  json.key("pausedTypes").begin_array();
  for (const type_pause& each : pauses) {
    json.value(to_string(each.type));
  }
  json.end_array().key("pauses").begin_array();
  for (const type_pause& each : pauses) {
    json.begin_object();
    write_pause_members(json, each);
    json.end_object();
  }
  json.end_array();
}

std::string render_pause_change(std::string_view type, const pause_change& change, timestamp now) {
  std::string message{type};
  message += change.after ? " is paused" : " goes on";
  if (change.after && is_set(change.after->until)) {
    message += " until " + to_rfc3339(change.after->until);
  }
  adapters::json_writer json;
  json.begin_object().field("message", message);
  if (change.after) {
    json.key("pause").begin_object();
    write_pause_members(json, *change.after);
    json.end_object();
  }
  json.field("timestamp", to_rfc3339(now)).end_object();
  return std::move(json).text();
}

std::string describe_pause_change(const pause_change& change) {
  return described(change.before) + " -> " + described(change.after);
}

}  // namespace stayler::http
