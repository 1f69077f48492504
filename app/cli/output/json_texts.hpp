// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Reading answers: what is missing is an empty text, and never an error of ours.

namespace stayler::cli {

/// The value at a dotted path ("progress.stage"); null where there is none.
const adapters::json_value* find_path(const adapters::json_value& from, std::string_view path);

/// A text, a number or a boolean as text; empty where there is none, or null.
std::string text_of(const adapters::json_value& from, std::string_view path);

/// A number; nothing where there is none.
std::optional<double> number_of(const adapters::json_value& from, std::string_view path);

/// A whole number; 0 where there is none.
std::int64_t count_of(const adapters::json_value& from, std::string_view path);

bool flag_of(const adapters::json_value& from, std::string_view path);

/// The elements of an array; none where there is no array.
const std::vector<adapters::json_value>& list_of(
    const adapters::json_value& from, std::string_view path
);

/// The members of an object; none where there is no object.
const adapters::json_value::object& members_of(
    const adapters::json_value& from, std::string_view path
);

/// The value as JSON.
std::string to_json(const adapters::json_value& value);

/// Only these members, by dotted paths, of an object, or of each object in its member `list`: the
/// fields of --json=FIELDS. A field that is nowhere is null.
std::string to_json_with_fields(
    const adapters::json_value& value, std::string_view list, const std::vector<std::string>& fields
);

}  // namespace stayler::cli
