// SPDX-License-Identifier: MIT
#pragma once

#include <iostream>
#include <string_view>

namespace stayler::app {

/// The exit code for arguments that are not understood.
inline constexpr int bad_usage = 2;

/// Says on stderr what is wrong, and returns the exit code.
inline int complain(std::string_view what, int code) {
  std::cerr << "stayler-worker: " << what << '\n';
  return code;
}

}  // namespace stayler::app
