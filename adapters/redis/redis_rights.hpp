// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/connection/redis_connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// The commands that the parts of the service send to the server of a queue, those of their scripts
/// among them, each in a form that the server would take. `tag` is what the queue's keys begin
/// with: {queue}.
std::vector<std::vector<std::string>> needed_commands(const std::string& tag);

/// What a server says to commands that it is not let do.
struct rights_report {
  std::vector<std::string> missing;  ///< the needed commands that it refuses, in lower case
  std::string reason;                ///< what it says to the first of these
  bool is_known = true;              ///< false where the server cannot be asked
};

/// Asks the server whether it would take those commands, without having it do any: in a transaction
/// that is given up. Needs no right to look at the server's users. unavailable.
result<rights_report> check_rights(redis_connection& connection, const std::string& tag);

}  // namespace stayler::adapters
