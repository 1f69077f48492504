// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/redis_connection.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

/// Looks whether a server can keep a queue: invalid_input where it would throw keys away when its
/// memory is full, or is too old; permission, in one line that names the commands, where its user
/// may not do what is needed; unavailable. Returns a sentence for each of these that could not be
/// found out, because the user may not ask or the server does not say. `tag`: see needed_commands.
result<std::vector<std::string>> check_server(redis_connection& connection, const std::string& tag);

}  // namespace stayler::adapters
