// SPDX-License-Identifier: MIT
#include "app/cli/output/json_texts.hpp"

#include "adapters/json/json_writer.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <type_traits>

namespace stayler::cli {

namespace {

using adapters::json_value;
using adapters::json_writer;

void write_json(json_writer& json, const json_value& value);

template <class T>
void write_as(json_writer& json, const T& content) {
  if constexpr (std::is_same_v<T, json_value::object>) {
    json.begin_object();
    for (const auto& [name, member] : content) {
      json.key(name);
      write_json(json, member);
    }
    json.end_object();
  } else if constexpr (std::is_same_v<T, json_value::array>) {
    json.begin_array();
    for (const auto& element : content) {
      write_json(json, element);
    }
    json.end_array();
  } else {
    json.value(content);
  }
}

template <class T>
bool write_if(json_writer& json, const json_value& value) {
  const auto* content = value.as<T>();
  if (content != nullptr) {
    write_as(json, *content);
  }
  return content != nullptr;
}

void write_json(json_writer& json, const json_value& value) {
  if (!(write_if<bool>(json, value) || write_if<std::int64_t>(json, value)
        || write_if<std::uint64_t>(json, value) || write_if<double>(json, value)
        || write_if<std::string>(json, value) || write_if<json_value::array>(json, value)
        || write_if<json_value::object>(json, value))) {
    json.null();
  }
}

void write_fields(
    json_writer& json, const json_value& value, const std::vector<std::string>& fields
) {
  json.begin_object();
  for (const auto& field : fields) {
    json.key(field);
    const auto* found = find_path(value, field);
    found == nullptr ? json.null() : (write_json(json, *found), json);
  }
  json.end_object();
}

}  // namespace

const json_value* find_path(const json_value& from, std::string_view path) {
  const json_value* at = &from;
  while (at != nullptr && !path.empty()) {
    at = at->find(take_until(path, "."));
  }
  return at;
}

std::string text_of(const json_value& from, std::string_view path) {
  const auto* found = find_path(from, path);
  if (found == nullptr || found->is_null()) {
    return {};
  }
  if (const auto* text = found->as<std::string>()) {
    return *text;
  }
  return to_json(*found);
}

std::optional<double> number_of(const json_value& from, std::string_view path) {
  const auto* found = find_path(from, path);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (const auto* whole = found->as<std::int64_t>()) {
    return static_cast<double>(*whole);
  }
  if (const auto* large = found->as<std::uint64_t>()) {
    return static_cast<double>(*large);
  }
  const auto* real = found->as<double>();
  return real == nullptr ? std::nullopt : std::optional{*real};
}

std::int64_t count_of(const json_value& from, std::string_view path) {
  return static_cast<std::int64_t>(number_of(from, path).value_or(0));
}

bool flag_of(const json_value& from, std::string_view path) {
  const auto* found = find_path(from, path);
  const auto* flag = found == nullptr ? nullptr : found->as<bool>();
  return flag != nullptr && *flag;
}

const std::vector<json_value>& list_of(const json_value& from, std::string_view path) {
  static const std::vector<json_value> none;
  const auto* found = find_path(from, path);
  const auto* list = found == nullptr ? nullptr : found->as<json_value::array>();
  return list == nullptr ? none : *list;
}

const json_value::object& members_of(const json_value& from, std::string_view path) {
  static const json_value::object none;
  const auto* found = find_path(from, path);
  const auto* members = found == nullptr ? nullptr : found->as<json_value::object>();
  return members == nullptr ? none : *members;
}

std::string to_json(const json_value& value) {
  json_writer json;
  write_json(json, value);
  return std::move(json).text();
}

std::string to_json_with_fields(
    const json_value& value, std::string_view list, const std::vector<std::string>& fields
) {
  json_writer json;
  const auto* elements = list.empty() ? nullptr : value.find(list);
  if (elements == nullptr) {
    write_fields(json, value, fields);
    return std::move(json).text();
  }
  json.begin_object();
  for (const auto& [name, member] : members_of(value, "")) {
    json.key(name);
    if (name != list) {
      write_json(json, member);
      continue;
    }
    json.begin_array();
    for (const auto& element : list_of(value, name)) {
      write_fields(json, element, fields);
    }
    json.end_array();
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::cli
