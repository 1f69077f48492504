// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_error.hpp"

#include <string>

namespace stayler::cli {

/// Three lines: what failed, why, what to do. Those of which nothing is known are left out.
std::string error_as_text(const command_error& error);

/// The API's problem document, or one like it, with `exitCode` and `hint`.
std::string error_as_json(const command_error& error);

}  // namespace stayler::cli
