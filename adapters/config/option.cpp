// SPDX-License-Identifier: MIT

// What can be done with a row of the option table.

#include "adapters/config/option_table.hpp"
#include "adapters/config/wording.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

/// The first option that is the one, or null.
template <class Predicate>
const option* find_option(Predicate is_one) {
  const auto found = std::ranges::find_if(all_options(), is_one);
  return found == all_options().end() ? nullptr : &*found;
}

}  // namespace

std::string option::allowed() const {
  std::string text = std::visit([](const auto& kind) { return kind.allowed(); }, value);
  return remark.empty() ? text : text.append(", ").append(remark);
}

json_kind option::kind() const {
  return std::visit([](const auto& kind) { return kind.in_json; }, value);
}

std::string option::parse(settings& into, std::string_view text) const {
  if (std::visit([&](const auto& kind) { return kind.parse(into, text); }, value)) {
    return {};
  }
  return (is_secret ? "this value" : in_quotes(text)) + " is not allowed; use " + allowed();
}

std::string option::print(const settings& from) const {
  return std::visit([&from](const auto& kind) { return kind.print(from); }, value);
}

const option* find_option_by_variable(std::string_view variable) {
  return find_option([variable](const option& each) { return each.names.variable == variable; });
}

const option* find_option_by_json_name(std::string_view json_name) {
  return find_option([json_name](const option& each) { return each.names.json == json_name; });
}

std::string shown_value(const option& which, const settings& from) {
  const std::string value = which.print(from);
  return which.is_secret && !value.empty() ? std::string{hidden_secret} : value;
}

}  // namespace stayler::adapters
