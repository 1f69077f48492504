// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>

namespace stayler::app {

/// stayler-worker --new-key NAME ROLE [USERS] [--keys-file FILE]: makes a key of the API and prints
/// it, the only time that it is to be seen, with its entry for the file of keys; or appends the
/// entry to that file and prints the key alone. Returns the exit code: 2 where the arguments are
/// wrong, 1 where the file cannot be used.
int make_new_key(std::span<const std::string> arguments);

}  // namespace stayler::app
