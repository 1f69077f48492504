// SPDX-License-Identifier: MIT
#include "app/cli/jobs/pause_texts.hpp"

#include "app/cli/output/json_texts.hpp"

namespace stayler::cli {

std::string pause_text(const adapters::json_value& pause, time_style times, timestamp now) {
  std::string text{"paused"};
  if (const auto by = text_of(pause, "by"); !by.empty()) {
    text += " by " + by;
  }
  if (const auto until = text_of(pause, "until"); !until.empty()) {
    text += (times == time_style::relative ? ", ends " : " until ") + show_time(until, times, now);
  }
  const auto reason = text_of(pause, "reason");
  return reason.empty() ? text : text + ": " + reason;
}

std::string pauses_text(const adapters::json_value& status, time_style times, timestamp now) {
  std::string text;
  const auto add = [&text](const std::string& type, const std::string& how) {
    text.append(text.empty() ? "" : "; ").append(type).append(" ").append(how);
  };
  for (const auto& pause : list_of(status, "pauses")) {
    add(text_of(pause, "type"), pause_text(pause, times, now));
  }
  if (text.empty()) {
    for (const auto& type : list_of(status, "pausedTypes")) {
      add(text_of(type, ""), "paused");
    }
  }
  return text;
}

}  // namespace stayler::cli
