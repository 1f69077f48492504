// SPDX-License-Identifier: MIT
#include "app/cli/jobs/job_request.hpp"

#include "adapters/json/json_writer.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/output/time_texts.hpp"
#include "messages/base/duration.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <array>

namespace stayler::cli {

namespace {

using adapters::json_writer;

constexpr std::array<std::pair<std::string_view, int>, 4> priorities{
    {{"low", 1}, {"normal", 5}, {"high", 10}, {"urgent", 20}}};

int priority_of(const std::string& text) {
  const auto named = std::ranges::find(
      priorities, std::string_view{text}, &std::pair<std::string_view, int>::first
  );
  const auto number = named == priorities.end() ? parse_number<int>(text) : named->second;
  if (!number || *number < 1 || *number > 20) {
    refuse_usage(
        "cannot use --priority " + text, "it is no priority",
        "say low, normal, high, urgent, or a number from 1 to 20"
    );
  }
  return *number;
}

[[noreturn]] void refuse_operation(const std::string& text) {
  refuse_usage(
      "cannot use --operation " + text, "it is no operation",
      "say resize:800x600, resize:800x600:cover, thumbnail:256, convert:webp, convert:jpeg:80 or "
      "strip"
  );
}

/// Whole numbers of the parts of a text; 0 for an empty one: "800x" has no height.
int size_of(const std::string& operation, std::string_view text) {
  const auto number = text.empty() ? std::optional{0} : parse_number<int>(text);
  if (!number) {
    refuse_operation(operation);
  }
  return *number;
}

void write_operation(json_writer& json, const std::string& text) {
  std::string_view rest = text;
  const auto kind = take_until(rest, ":");
  const auto first = take_until(rest, ":");
  json.begin_object().field("type", kind);
  if (kind == "resize") {
    std::string_view height = first;
    const auto width = take_until(height, "x");
    json.field("width", size_of(text, width)).field("height", size_of(text, height));
    if (!rest.empty()) {
      json.field("fit", rest);
    }
  } else if (kind == "thumbnail") {
    json.field("size", size_of(text, first));
  } else if (kind == "convert" && !first.empty()) {
    json.field("format", first);
    if (!rest.empty()) {
      json.field("quality", size_of(text, rest));
    }
  } else if (kind != "strip") {
    refuse_operation(text);
  }
  json.end_object();
}

void write_payload(json_writer& json, const job_request& request) {
  json.key("payload").begin_object();
  if (request.type == "image_processing") {
    json.field("imageId", request.picture).key("options").begin_object();
    json.key("operations").begin_array();
    for (const auto& operation : request.operations) {
      write_operation(json, operation);
    }
    json.end_array().end_object();
  } else {
    json.field("userImageId", request.person).field("clothImageId", request.garment);
    json.key("options").begin_object();
    for (const auto& [name, value] : request.options) {
      json.field(name, value);
    }
    if (request.no_cache) {
      json.field("noCache", true);
    }
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string render_job_request(const job_request& request) {
  json_writer json;
  const auto add = [&json](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      json.field(name, value);
    }
  };
  json.begin_object();
  add("type", request.type);
  add("conversionId", request.conversion);
  add("userId", request.user);
  if (!request.priority.empty()) {
    json.field("priority", priority_of(request.priority));
  }
  add("urgency", request.urgency);
  add("runAt", request.run_at);
  if (request.retries) {
    json.field("maxRetries", *request.retries);
  }
  add("timeout", request.timeout);
  write_payload(json, request);
  json.end_object();
  return std::move(json).text();
}

std::string read_run_at(std::string_view text, timestamp now) {
  if (const auto wait = parse_duration(text)) {
    return to_rfc3339(now + *wait);
  }
  auto time = text.ends_with('d') ? std::string{} : read_time(text, now);
  if (time.empty()) {
    refuse_usage(
        "cannot use --at " + std::string{text}, "it is no time",
        "say 10m (from now), 2026-11-28 or 2026-11-28T09:00:00Z"
    );
  }
  return time;
}

}  // namespace stayler::cli
