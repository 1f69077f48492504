// SPDX-License-Identifier: MIT
#include "app/cli/options/option_changes.hpp"

#include "adapters/config/wording.hpp"
#include "adapters/json/json_writer.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/output/json_texts.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <map>

namespace stayler::cli {

namespace {

using adapters::json_value;
using adapters::json_writer;

void write_option_value(json_writer& json, const std::string& value, const json_value& option) {
  const auto kind = text_of(option, "kind");
  const bool is_number = kind == "number" && parse_number<double>(value).has_value();
  const bool is_boolean = kind == "boolean" && (value == "true" || value == "false");
  // What is of the wrong kind goes as text: the service says what is allowed.
  is_number || is_boolean ? json.raw(value) : json.value(value);
}

}  // namespace

const json_value* find_schema_option(const json_value& schema, std::string_view name) {
  const auto& options = list_of(schema, "options");
  const auto found = std::ranges::find_if(options, [name](const auto& each) {
    return text_of(each, "name") == name || text_of(each, "variable") == name;
  });
  return found == options.end() ? nullptr : &*found;
}

wanted_option read_option_change(const std::string& text, const json_value& schema) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    refuse_usage(
        "cannot use " + text, "it is no NAME=VALUE",
        "say stayler config set maxWorkers=10; stayler config get lists the names"
    );
  }
  const auto name = text.substr(0, equals);
  const auto* option = find_schema_option(schema, name);
  if (option == nullptr) {
    std::vector<std::string> names;
    for (const auto& each : list_of(schema, "options")) {
      names.push_back(text_of(each, "name"));
      names.push_back(text_of(each, "variable"));
    }
    refuse_usage(
        "there is no option " + name, "the nearest is " + adapters::nearest_name(name, names),
        "stayler config get lists them"
    );
  }
  return {text_of(*option, "name"), text.substr(equals + 1)};
}

std::string render_option_changes(
    const std::vector<wanted_option>& wanted, const json_value& schema
) {
  // Options of one object stand together: JSON names a member once.
  std::map<std::string, std::vector<std::pair<std::string, wanted_option>>> groups;
  for (const auto& each : wanted) {
    const auto dot = each.first.find('.');
    const auto group = dot == std::string::npos ? std::string{} : each.first.substr(0, dot);
    groups[group].emplace_back(
        dot == std::string::npos ? each.first : each.first.substr(dot + 1), each
    );
  }
  json_writer json;
  json.begin_object();
  for (const auto& [group, members] : groups) {
    if (!group.empty()) {
      json.key(group).begin_object();
    }
    for (const auto& [member, each] : members) {
      json.key(member);
      const auto* option = find_schema_option(schema, each.first);
      write_option_value(json, each.second, option == nullptr ? json_value{} : *option);
    }
    if (!group.empty()) {
      json.end_object();
    }
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::cli
