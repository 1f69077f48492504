// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/profile/profile.hpp"

#include <chrono>
#include <string>

namespace stayler::cli {

/// How the service is called: flags, then STAYLER_*, then the profile, then what is usual.
struct connection {
  std::string url = "http://127.0.0.1:8080";  ///< without a slash at the end
  std::string key;                            ///< empty: none
  std::string key_source;                     ///< for people: "STAYLER_API_KEY"
  std::string ca_file;
  bool is_readonly = false;
  std::chrono::milliseconds timeout{10'000};  ///< for one answer
};

/// What flags say of it, empty where they say nothing.
struct connection_flags {
  std::string url = {};
  std::string key_file = {};
  std::string timeout = {};
  bool is_profile_given = false;  ///< by -p: its address goes before STAYLER_URL
};

/// Whether the address is one that only this machine can reach.
bool is_on_this_machine(const std::string& url);

/// Puts it together. A key of the profile is not sent to another address than the profile's. Throws
/// command_error: usage, or not_allowed where a key cannot be read.
connection make_connection(
    const profile& chosen, const connection_flags& flags, const variables& environment
);

}  // namespace stayler::cli
