// SPDX-License-Identifier: MIT
#include "adapters/json/json_reader.hpp"

#include "adapters/json/unreadable_number.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace stayler::adapters {

namespace {

constexpr std::size_t max_depth = 32;

failure malformed(std::string_view reason) {
  return {error_class::invalid_input, "not valid JSON: " + std::string{reason}};
}

failure malformed(simdjson::error_code reason) {
  return malformed(simdjson::error_message(reason));
}

result<json_value> convert(simdjson::dom::element from, std::size_t depth);

/// A name that stands twice in the object, if there is one.
std::optional<std::string_view> repeated_name(simdjson::dom::object from) {
  std::vector<std::string_view> names;
  for (const auto member : from) {
    names.push_back(member.key);
  }
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  return twin == names.end() ? std::nullopt : std::optional{*twin};
}

result<json_value> convert(simdjson::dom::array from, std::size_t depth) {
  json_value::array items;
  for (const auto item : from) {
    auto converted = convert(item, depth);
    if (!converted) {
      return converted;
    }
    items.push_back(std::move(converted).value());
  }
  return json_value{std::move(items)};
}

result<json_value> convert(simdjson::dom::object from, std::size_t depth) {
  if (const auto twin = repeated_name(from)) {
    return malformed("the member \"" + std::string{*twin} + "\" is there twice");
  }
  json_value::object members;
  for (const auto member : from) {
    auto converted = convert(member.value, depth);
    if (!converted) {
      return converted;
    }
    members.emplace_back(std::string{member.key}, std::move(converted).value());
  }
  return json_value{std::move(members)};
}

result<json_value> convert(simdjson::dom::element from, std::size_t depth) {
  using simdjson::dom::element_type;
  const bool is_nested = from.is_array() || from.is_object();
  if (is_nested && depth == max_depth) {
    return malformed("nested deeper than " + std::to_string(max_depth) + " levels");
  }
  switch (from.type()) {
    case element_type::ARRAY:
      return convert(from.get_array().value_unsafe(), depth + 1);
    case element_type::OBJECT:
      return convert(from.get_object().value_unsafe(), depth + 1);
    case element_type::INT64:
      return json_value{from.get_int64().value_unsafe()};
    case element_type::UINT64:
      return json_value{from.get_uint64().value_unsafe()};
    case element_type::DOUBLE:
      return json_value{from.get_double().value_unsafe()};
    case element_type::STRING:
      return json_value{std::string{from.get_string().value_unsafe()}};
    case element_type::BOOL:
      return json_value{from.get_bool().value_unsafe()};
    default:
      return json_value{};
  }
}

/// Whether a text may have so many values that parsing it costs more memory than it is worth: each
/// but the first is behind one of these characters.
bool has_too_many_values(std::string_view text) {
  std::size_t values = 1;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size() && values <= max_json_values; ++i) {
    const char c = text[i];
    if (c == '"') {
      is_in_string = !is_in_string;
    } else if (is_in_string) {
      i += c == '\\' ? 1 : 0;
    } else {
      values += c == ',' || c == '[' || c == '{' || c == ':' ? 1 : 0;
    }
  }
  return values > max_json_values;
}

result<json_value> parse_with(simdjson::dom::parser& parser, std::string_view text) {
  simdjson::dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root)) {
    // Which code a number gets depends on the parser's version. Outside of a string that has no
    // end, strings are told from numbers for certain.
    const auto number =
        error == simdjson::UNCLOSED_STRING ? std::nullopt : find_unreadable_number(text);
    return number ? malformed(*number) : malformed(error);
  }
  return convert(root, 0);
}

}  // namespace

const json_value* json_value::find(std::string_view name) const noexcept {
  const auto* members = as<object>();
  if (members == nullptr) {
    return nullptr;
  }
  const auto found = std::find_if(members->begin(), members->end(), [&](const member& each) {
    return each.first == name;
  });
  return found == members->end() ? nullptr : &found->second;
}

std::string_view json_value::type_name() const noexcept {
  constexpr std::array<std::string_view, 8> names{"null",     "a boolean", "a number", "a number",
                                                  "a number", "a string",  "an array", "an object"};
  return names[content_.index()];
}

result<json_value> parse_json(std::string_view text) {
  // A parser keeps its buffers at the size of the largest text it has seen, so only small texts go
  // through the one that each thread keeps.
  constexpr std::size_t small = 256UL * 1024;
  if (text.size() > max_json_values && has_too_many_values(text)) {
    return malformed("more than " + std::to_string(max_json_values) + " values");
  }
  if (text.size() <= small) {
    thread_local simdjson::dom::parser parser;
    return parse_with(parser, text);
  }
  simdjson::dom::parser parser;
  return parse_with(parser, text);
}

}  // namespace stayler::adapters
