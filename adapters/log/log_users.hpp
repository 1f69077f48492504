// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/log/log_line.hpp"
#include "adapters/user_tags/user_tags.hpp"

#include <cstdint>
#include <string_view>

namespace stayler::adapters {

/// How users stand in lines about their jobs.
enum class user_naming : std::uint8_t { none, hashed, plain };

/// What WORKER_LOG_USER_IDS says; `none` for anything else.
user_naming parse_user_naming(std::string_view text) noexcept;

/// From now on, for the whole process. Before the first call: not at all.
void name_users_in_log(user_naming how, const user_tags& tags);

/// The field "user" of a line; left out where users are not named.
log_field user_field(std::string_view user_id);

}  // namespace stayler::adapters
