// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/connection/redis_connection.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

// Whether a server can keep a queue. What cannot be found out, because the user may not ask or the
// server does not say, is no failure: a sentence about it is added to `unknown`.

/// invalid_input where it would throw keys away when its memory is full, or is too old;
/// unavailable.
void_result check_server(redis_connection& connection, std::vector<std::string>& unknown);

/// permission, in one line that names the commands, where its user may not do what is needed;
/// unavailable. `tag`: see needed_commands().
void_result check_user(
    redis_connection& connection, const std::string& tag, std::vector<std::string>& unknown
);

}  // namespace stayler::adapters
