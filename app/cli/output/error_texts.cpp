// SPDX-License-Identifier: MIT
#include "app/cli/output/error_texts.hpp"

#include "adapters/json/json_writer.hpp"
#include "app/cli/output/console.hpp"
#include "app/cli/output/json_texts.hpp"

namespace stayler::cli {

std::string error_as_text(const command_error& error) {
  std::string text = "stayler: " + safe_text(error.what_failed);
  std::string why = safe_text(error.why);
  if (!error.request_id.empty()) {
    why += (why.empty() ? "request " : ", request ") + safe_text(error.request_id);
  }
  if (!why.empty()) {
    text += "\n  why: " + why;
  }
  if (!error.what_to_do.empty()) {
    text += "\n  do:  " + safe_text(error.what_to_do);
  }
  return text;
}

std::string error_as_json(const command_error& error) {
  adapters::json_writer json;
  json.begin_object();
  const auto problem = adapters::parse_json(error.problem);
  const auto* members = problem ? problem->as<adapters::json_value::object>() : nullptr;
  if (members != nullptr) {
    for (const auto& [name, value] : *members) {
      json.key(name).raw(to_json(value));
    }
  } else {
    json.field("title", error.what_failed).field("detail", error.why);
  }
  if (!error.request_id.empty()) {
    json.field("requestId", error.request_id);
  }
  json.field("exitCode", static_cast<int>(error.code)).field("hint", error.what_to_do);
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::cli
