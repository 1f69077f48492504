// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// A key that nobody has had before.
struct new_caller_key {
  std::string key;    ///< for the caller: "stayler_" and 256 bits from the system, in base64url
  std::string entry;  ///< for WORKER_API_KEYS: name, role, hash and users
};

/// `users`: "ann+bob", as in WORKER_API_KEYS, or empty for all. invalid_input where one of these is
/// not allowed, which says what is; internal_bug where the system has no random bits.
result<new_caller_key> make_caller_key(
    std::string_view name, std::string_view role, std::string_view users
);

}  // namespace stayler::adapters
