// SPDX-License-Identifier: MIT
#include "adapters/config/option.hpp"

#include "adapters/config/wording.hpp"
#include "messages/base/text.hpp"

#include <variant>

namespace stayler::adapters {

namespace {

bool is_in_quotes(std::string_view text) {
  return text.size() >= 2 && text.front() == text.back()
         && (text.front() == '"' || text.front() == '\'');
}

/// What is wrong with a text that was refused, where that can be said; or nothing. It does not
/// quote the text, which may be a secret.
std::string problem_of(const option_value& value, std::string_view text) {
  if (is_in_quotes(text)) {
    return "it stands in quotes, which docker's --env-file and Kubernetes hand on as a part of the "
           "value: leave them out";
  }
  if (trim(text, " \t\r\n") != text) {
    return "there is white space before or behind it";
  }
  return std::visit([text](const auto& kind) { return kind.explain(text); }, value);
}

}  // namespace

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
  // No value of any option begins and ends with a quote.
  const auto read = [&](const auto& kind) { return kind.parse(into, text); };
  if (!is_in_quotes(text) && std::visit(read, value)) {
    return {};
  }
  const std::string what = is_secret ? "this value" : in_quotes(text);
  const std::string why = problem_of(value, text);
  return what + " is not allowed" + (why.empty() ? "" : ": " + why) + "; use " + allowed();
}

std::string option::print(const settings& from) const {
  return std::visit([&from](const auto& kind) { return kind.print(from); }, value);
}

std::string shown_value(const option& which, const settings& from) {
  const std::string value = which.print(from);
  return which.is_secret && !value.empty() ? std::string{hidden_secret} : value;
}

}  // namespace stayler::adapters
