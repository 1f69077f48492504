// SPDX-License-Identifier: MIT

// What can be done with a row of the option table.

#include "adapters/config/option_table.hpp"
#include "adapters/config/wording.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

/// The password of a URL such as redis://user:password@host; empty where there is none.
std::string_view password_in(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  const auto at = url.rfind('@');
  const auto colon = url.find(':');
  return at == std::string_view::npos || colon > at ? std::string_view{}
                                                    : url.substr(colon + 1, at - colon - 1);
}

/// Each of several keys, separated by commas or line ends.
void add_parts(std::string_view list, std::vector<std::string>& to) {
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(",\n"), list.size());
    to.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

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

std::vector<std::string> secrets_in(const settings& config) {
  std::vector<std::string> secrets;
  for (const option& each : all_options()) {
    if (each.is_secret) {
      const std::string value = each.print(config);
      secrets.push_back(value);
      if (value.find("://") != std::string::npos) {
        secrets.emplace_back(password_in(value));
      } else {
        add_parts(value, secrets);
      }
    }
  }
  std::erase(secrets, "");
  return secrets;
}

}  // namespace stayler::adapters
