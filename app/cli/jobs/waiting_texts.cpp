// SPDX-License-Identifier: MIT
#include "app/cli/jobs/waiting_texts.hpp"

#include "app/cli/jobs/pause_texts.hpp"
#include "app/cli/output/json_texts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace stayler::cli {

namespace {

using adapters::json_value;

/// A waiting reason: what it means, and a command that helps, with {} for the job's id.
struct reason_row {
  std::string_view reason;
  std::string_view in_short;
  std::string_view meaning;
  std::string_view help;
};

constexpr std::array<reason_row, 12> reasons{{
    {"stopped", "the service is stopped", "The service is stopped, or drains.",
     "stayler worker start    gives out jobs again"},
    {"paused", "its type is paused", "Its type is paused.",
     "stayler resume {type}    gives out jobs of that type again"},
    {"budget", "the day's budget is used up", "The budget of the day is used up.",
     "stayler costs    shows what it went to"},
    {"user_budget", "the user's budget is used up", "The user's budget of the day is used up.",
     "stayler costs    shows what it went to"},
    {"quota", "the provider's quota is used up", "The provider's quota is used up.",
     "stayler provider    shows what is known of it"},
    {"backoff", "pause after a failure", "Its last attempt has failed; it waits for the next one.",
     "stayler next {id}    has it run now"},
    {"due_later", "not due yet", "It was handed in for a later time.",
     "stayler next {id}    has it run now"},
    {"provider_closed", "the provider fails", "The provider fails: no calls are made for now.",
     "stayler provider    shows since when, and why"},
    {"no_worker", "no worker is there", "There is no worker to take it.",
     "stayler worker    shows who is there; stayler config set maxWorkers=5 adds some"},
    {"suspect_alone", "waits to run alone",
     "It has lost its worker twice, and waits for a process of its own.", ""},
    {"behind", "behind others", "Other jobs are before it.",
     "stayler next {id}    puts it first; stayler config set maxWorkers=N works on more at a time"},
    {"dispatching", "is next", "It is given out next: nothing to wait for.", ""},
}};

const reason_row* find_reason(std::string_view reason) {
  const auto found = std::ranges::find(reasons, reason, &reason_row::reason);
  return found == reasons.end() ? nullptr : &*found;
}

std::string filled(std::string_view help, const json_value& job) {
  std::string text{help};
  for (const auto& name : {"id", "type"}) {
    const auto mark = "{" + std::string{name} + "}";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
      text.replace(at, mark.size(), text_of(job, name));
    }
  }
  return text;
}

/// Of two times, the second alone where they are shown alike.
std::string between(const std::string& from, const std::string& to) {
  return from == to ? from : fmt::format("{} to {}", from, to);
}

void explain_waiting(explanation& into, const json_value& job, timestamp now) {
  const auto reason = text_of(job, "waiting.reason");
  const auto* row = find_reason(reason);
  into.what = row == nullptr ? "It waits (" + reason + ")." : std::string{row->meaning};
  if (reason.empty()) {
    into.what = "It waits; the service has not said yet why. Ask again in a second.";
  }
  if (row != nullptr && !row->help.empty()) {
    into.help.push_back(filled(row->help, job));
  }
  if (const auto* pause = find_path(job, "waiting.pause")) {
    into.facts.push_back(pause_text(*pause, time_style::utc, now));
  }
  const auto when = [now](const std::string& time) {
    return show_time(time, time_style::relative, now);
  };
  if (const auto ahead = number_of(job, "waiting.aheadAtMost")) {
    into.facts.push_back(fmt::format("{:.0f} waiting jobs may go first, no more", *ahead));
  }
  if (const auto until = text_of(job, "waiting.until"); !until.empty()) {
    into.facts.push_back(fmt::format("until {} ({})", until, when(until)));
  }
  if (const auto from = text_of(job, "waiting.estimatedStartAt.from"); !from.empty()) {
    into.facts.push_back(
        "starts " + between(when(from), when(text_of(job, "waiting.estimatedStartAt.to")))
        + ", if nothing more urgent comes"
    );
  }
}

void explain_end(explanation& into, const json_value& job) {
  const auto status = text_of(job, "status");
  const auto id = text_of(job, "id");
  if (status == "completed") {
    into.what = "It does not wait: it is completed.";
    into.help.push_back(fmt::format("stayler get {} --image -o FILE    downloads the picture", id));
  } else if (status == "cancelled") {
    into.what = "It does not wait: it was cancelled.";
  } else if (status == "failed") {
    into.what = "It does not wait: it has failed for good, and is a dead letter.";
    into.help.push_back(fmt::format("stayler retry {}    tries it again", id));
    into.help.push_back("stayler dead groups    shows whether others have failed of the same");
  } else {
    into.what = fmt::format(
        "It does not wait: {} works on it ({}, {}%).", text_of(job, "workerId"),
        text_of(job, "progress.stage"), count_of(job, "progress.percent")
    );
    into.help.push_back(fmt::format("stayler watch {}    follows it", id));
  }
}

}  // namespace

std::string short_waiting_text(const json_value& waiting) {
  const auto reason = text_of(waiting, "reason");
  if (reason == "behind") {
    return fmt::format("behind {} others", count_of(waiting, "aheadAtMost"));
  }
  const auto* row = find_reason(reason);
  return row == nullptr ? reason : std::string{row->in_short};
}

std::string explain_breaker(const std::string& state) {
  if (state == "closed") {
    return "closed: calls are made";
  }
  return state == "open" ? "open: no calls are made for now" : state;
}

std::string count_jobs_text(std::int64_t count) {
  return fmt::format("{} job{}", count, count == 1 ? "" : "s");
}

explanation explain_job(const json_value& job, timestamp now) {
  explanation made;
  const auto status = text_of(job, "status");
  if (status == "pending" || status == "scheduled") {
    explain_waiting(made, job, now);
  } else {
    explain_end(made, job);
  }
  if (const auto kind = text_of(job, "error.class"); !kind.empty()) {
    made.facts.push_back(fmt::format("last error: {}: {}", kind, text_of(job, "error.message")));
  }
  if (const auto why = text_of(job, "next.why"); !why.empty()) {
    const auto at = text_of(job, "next.at");
    const auto action = text_of(job, "next.action");
    made.next = action == "none"
                    ? why
                    : fmt::format(
                        "{}{}: {}", action,
                        at.empty() ? "" : " " + show_time(at, time_style::relative, now), why
                    );
  }
  return made;
}

}  // namespace stayler::cli
