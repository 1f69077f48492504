// SPDX-License-Identifier: MIT
#include "http/api/json/worker/config_json.hpp"

#include "adapters/config/option_table.hpp"
#include "adapters/json/json_reader.hpp"
#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "http/api/json/members/json_numbers.hpp"
#include "messages/base/duration.hpp"

#include <optional>

namespace stayler::http {

namespace {

using adapters::json_kind;
using adapters::json_value;
using adapters::json_writer;
using adapters::option;

std::string_view group_of(std::string_view json_name) {
  const auto dot = json_name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : json_name.substr(0, dot);
}

/// A member of that name with the option's value, secrets hidden.
void write_value(
    json_writer& json, std::string_view name, const option& which, const settings& from
) {
  const std::string value = adapters::shown_value(which, from);
  json.key(name);
  if (which.kind() == json_kind::text) {
    json.value(value);
  } else {
    json.raw(value);
  }
}

void write_option(json_writer& json, const option& which, const settings& from) {
  const auto group = group_of(which.names.json);
  const auto name = which.names.json.substr(group.empty() ? 0 : group.size() + 1);
  write_value(json, name, which, from);
}

std::string_view kind_name(json_kind kind) {
  switch (kind) {
    case json_kind::number:
      return "number";
    case json_kind::boolean:
      return "boolean";
    case json_kind::text:
      break;
  }
  return "text";
}

void describe_option(json_writer& json, const option& which, const settings& current) {
  const settings defaults;
  json.begin_object().field("name", which.names.json).field("variable", which.names.variable);
  json.field("kind", kind_name(which.kind()));
  write_value(json, "value", which, current);
  write_value(json, "default", which, defaults);
  json.field("isDefault", which.print(current) == which.print(defaults));
  json.field("allowed", which.allowed()).field("isLive", which.is_live);
  json.field("isSecret", which.is_secret).field("description", which.meaning).end_object();
}

bool is_duration(const option* which) {
  return which != nullptr && which->kind() == json_kind::text
         && parse_duration(which->print(settings{})).has_value();
}

/// A whole number as the text of an option: for durations it counts nanoseconds.
std::string number_text(const option* which, std::uint64_t number) {
  constexpr std::uint64_t per_millisecond = 1'000'000;
  if (number > 0 && is_duration(which)) {
    return format_duration(milliseconds{static_cast<std::int64_t>(number / per_millisecond)});
  }
  return std::to_string(number);
}

/// The value in the form that the environment variable takes; nothing where it has none.
std::optional<std::string> text_of(const option* which, const json_value& value) {
  if (const auto* text = value.as<std::string>()) {
    return *text;
  }
  if (const auto* flag = value.as<bool>()) {
    return *flag ? "true" : "false";
  }
  if (const auto number = whole_number(value)) {
    return number_text(which, *number);
  }
  if (const auto* negative = value.as<std::int64_t>()) {
    return std::to_string(*negative);
  }
  if (const auto* number = value.as<double>()) {
    return json_writer{}.value(*number).text();
  }
  return std::nullopt;
}

void read_members(const json_value& from, const std::string& prefix, parsed_changes& into) {
  for (const auto& [name, value] : *from.as<json_value::object>()) {
    const std::string full_name = prefix + name;
    if (value.as<json_value::object>() != nullptr && prefix.empty()) {
      read_members(value, full_name + ".", into);
    } else if (auto text = text_of(adapters::find_option_by_json_name(full_name), value)) {
      into.changes.push_back({full_name, std::move(*text)});
    } else {
      into.problems.push_back(
          {full_name,
           "must be a string, a number or a boolean, not " + std::string{value.type_name()}}
      );
    }
  }
}

}  // namespace

std::string render_settings(const settings& shown) {
  json_writer json;
  json.begin_object();
  std::string_view open_group;
  for (const auto& which : adapters::all_options()) {
    const auto group = group_of(which.names.json);
    if (group != open_group) {
      if (!open_group.empty()) {
        json.end_object();
      }
      if (!group.empty()) {
        json.key(group).begin_object();
      }
      open_group = group;
    }
    write_option(json, which, shown);
  }
  if (!open_group.empty()) {
    json.end_object();
  }
  json.end_object();
  return std::move(json).text();
}

std::string render_settings_schema(const settings& current) {
  json_writer json;
  json.begin_object().key("options").begin_array();
  for (const auto& which : adapters::all_options()) {
    describe_option(json, which, current);
  }
  json.end_array().end_object();
  return std::move(json).text();
}

std::string render_settings_preview(const settings& before, const settings& after, timestamp now) {
  json_writer json;
  json.begin_object().field("dryRun", true).key("changes").begin_array();
  for (const auto& which : adapters::all_options()) {
    if (which.print(before) != which.print(after)) {
      json.begin_object().field("name", which.names.json);
      write_value(json, "before", which, before);
      write_value(json, "after", which, after);
      json.end_object();
    }
  }
  json.end_array().key("config").raw(render_settings(after));
  json.field("timestamp", to_rfc3339(now)).end_object();
  return std::move(json).text();
}

parsed_changes parse_changes(std::string_view body) {
  parsed_changes parsed;
  const auto json = read_json_body(body, parsed.problems);
  if (!json) {
    return parsed;
  }
  if (json->as<json_value::object>() == nullptr) {
    parsed.problems.push_back({"body", "must be an object, not " + std::string{json->type_name()}});
  } else {
    read_members(*json, "", parsed);
  }
  return parsed;
}

}  // namespace stayler::http
