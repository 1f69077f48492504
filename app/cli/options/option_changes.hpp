// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"
#include "messages/base/error.hpp"

#include <string>
#include <utility>
#include <vector>

namespace stayler::cli {

/// An option's name in JSON ("retry.maxDelay") and the value that is wanted, as text.
using wanted_option = std::pair<std::string, std::string>;

/// Takes "maxWorkers=10" apart; a variable's name is as good: "WORKER_MAX_WORKERS=10". `schema` is
/// the answer of GET /worker/config/schema. Throws command_error (usage), which names the nearest
/// option, where there is none of that name.
wanted_option read_option_change(const std::string& text, const adapters::json_value& schema);

/// The body of PUT /worker/config: numbers and booleans as such, options in objects where they
/// belong.
std::string render_option_changes(
    const std::vector<wanted_option>& wanted, const adapters::json_value& schema
);

/// One option of the schema, by its name in JSON or its variable; null where there is none.
const adapters::json_value* find_schema_option(
    const adapters::json_value& schema, std::string_view name
);

}  // namespace stayler::cli
