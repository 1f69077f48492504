// SPDX-License-Identifier: MIT
#include "adapters/config/option.hpp"

#include "adapters/config/wording.hpp"

#include <variant>

namespace stayler::adapters {

std::string option::allowed() const {
  std::string text = std::visit([](const auto& kind) { return kind.allowed(); }, value);
  return remark.empty() ? text : text.append(", ").append(remark);
}

std::string option::standard_names() const {
  const auto& [first, second] = names.standard;
  return second.empty() ? std::string{first} : listed(names.standard, "or");
}

json_kind option::kind() const {
  return std::visit([](const auto& kind) { return kind.in_json; }, value);
}

std::string option::parse(settings& into, std::string_view text) const {
  if (std::visit([&](const auto& kind) { return kind.parse(into, text); }, value)) {
    return {};
  }
  const std::string why = std::visit([&](const auto& kind) { return kind.explain(text); }, value);
  return (is_secret ? "this value" : in_quotes(text)) + " is not allowed"
         + (why.empty() ? "" : ": " + why) + "; use " + allowed();
}

std::string option::print(const settings& from) const {
  return std::visit([&from](const auto& kind) { return kind.print(from); }, value);
}

std::string shown_value(const option& which, const settings& from) {
  const std::string value = which.print(from);
  return which.is_secret && !value.empty() ? std::string{hidden_secret} : value;
}

}  // namespace stayler::adapters
