// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"
#include "messages/base/error.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace stayler::sim {

struct message_type;

/// What a field of a protobuf message may hold, as proto3 JSON writes it.
enum class field_kind : std::uint8_t { text, number, boolean, enumeration, message, any };

struct field_type {
  std::string_view name;  ///< in snake_case; camelCase is accepted as well
  field_kind kind = field_kind::any;
  bool repeated = false;
  const message_type* type = nullptr;             ///< of a message
  std::vector<std::string_view> allowed_names{};  ///< of an enumeration
};

struct message_type {
  std::string_view name;
  std::vector<field_type> fields;
};

/// The request messages that the simulator knows.
const message_type& generate_content_request() noexcept;
const message_type& count_tokens_request() noexcept;

/// Everything in that value that the message does not allow: unknown names, wrong types, unknown
/// enumeration values. Fields are named as Google does: `contents[0].parts[1].inline_data`.
std::vector<field_problem> find_problems(
    const adapters::json_value& value, const message_type& type
);

/// The member of that snake_case name in either spelling; null where it is absent or JSON's null.
const adapters::json_value* member(const adapters::json_value& object, std::string_view name);

}  // namespace stayler::sim
