// SPDX-License-Identifier: MIT
#include "app/cli/filters/job_filter.hpp"

#include "adapters/json/json_writer.hpp"
#include "adapters/url/url.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/output/time_texts.hpp"
#include "messages/base/text.hpp"

#include <algorithm>

namespace stayler::cli {

namespace {

constexpr std::string_view known_words =
    "status: type: class: user: conversion: id: since: before: group:";

void add_each(std::vector<std::string>& to, std::string_view values) {
  while (!values.empty()) {
    to.emplace_back(take_until(values, ","));
  }
}

std::string time_of(std::string_view name, std::string_view value, timestamp now) {
  auto time = read_time(value, now);
  if (time.empty()) {
    refuse_usage(
        "cannot use the filter " + std::string{name} + ":" + std::string{value}, "it is no time",
        "say 30m, 2h, 7d, 2026-11-28 or 2026-11-28T09:00:00Z"
    );
  }
  return time;
}

void read_word(job_filter& into, std::string_view name, std::string_view value, timestamp now) {
  if (name == "status") {
    add_each(into.status, value);
  } else if (name == "type") {
    add_each(into.type, value);
  } else if (name == "class" || name == "errorClass") {
    add_each(into.error_class, value);
  } else if (name == "user") {
    into.user = value;
  } else if (name == "conversion") {
    into.conversion = value;
  } else if (name == "id") {
    into.id_prefix = value;
  } else if (name == "since") {
    into.since = time_of(name, value, now);
  } else if (name == "before") {
    into.before = time_of(name, value, now);
  } else if (name == "group") {
    into.group = value;
  } else {
    refuse_usage(
        "cannot use the filter " + std::string{name} + ":" + std::string{value},
        std::string{name} + " is no filter word", "there are " + std::string{known_words}
    );
  }
}

/// The value without the quotation marks that the dashboard's search box wants around blanks.
std::string unquoted(std::string_view value) {
  if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"')) {
    return std::string{value};
  }
  value = value.substr(1, value.size() - 2);
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    i += value[i] == '\\' && i + 1 < value.size() ? 1 : 0;
    text += value[i];
  }
  return text;
}

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const auto& value : values) {
    text += (text.empty() ? "" : ",") + adapters::encode_percent(value);
  }
  return text;
}

void add_list(
    adapters::json_writer& json, std::string_view name, const std::vector<std::string>& values
) {
  if (values.empty()) {
    return;
  }
  json.key(name).begin_array();
  for (const auto& value : values) {
    json.value(value);
  }
  json.end_array();
}

}  // namespace

bool job_filter::is_empty() const noexcept {
  return status.empty() && type.empty() && error_class.empty() && user.empty() && conversion.empty()
         && id_prefix.empty() && since.empty() && before.empty() && group.empty();
}

bool is_filter_word(std::string_view word) noexcept {
  return word.find(':') != std::string_view::npos;
}

job_filter read_filter(std::span<const std::string> words, timestamp now) {
  job_filter filter;
  for (const auto& word : words) {
    std::string_view value = word;
    const auto name = take_until(value, ":");
    if (!is_filter_word(word) || value.empty()) {
      refuse_usage(
          "cannot use the filter " + word, "it is no word of the form name:value",
          "there are " + std::string{known_words}
      );
    }
    read_word(filter, name, unquoted(value), now);
  }
  return filter;
}

std::string as_query(const job_filter& filter) {
  std::string query;
  const auto add = [&query](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      query += "&" + std::string{name} + "=" + value;
    }
  };
  add("status", joined(filter.status));
  add("type", joined(filter.type));
  add("errorClass", joined(filter.error_class));
  add("userId", adapters::encode_percent(filter.user));
  add("conversionId", adapters::encode_percent(filter.conversion));
  add("q", adapters::encode_percent(filter.id_prefix));
  add("since", adapters::encode_percent(filter.since));
  add("before", adapters::encode_percent(filter.before));
  add("group", adapters::encode_percent(filter.group));
  return query;
}

std::string as_bulk_filter(const job_filter& filter, bool all) {
  adapters::json_writer json;
  json.begin_object();
  add_list(json, "status", filter.status);
  add_list(json, "type", filter.type);
  add_list(json, "errorClass", filter.error_class);
  const auto add = [&json](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      json.field(name, value);
    }
  };
  add("userId", filter.user);
  add("conversionId", filter.conversion);
  add("q", filter.id_prefix);
  add("since", filter.since);
  add("before", filter.before);
  add("group", filter.group);
  if (all) {
    json.field("all", true);
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::cli
