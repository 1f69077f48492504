// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/profile/profile.hpp"

#include <span>
#include <string>

namespace stayler::cli {

/// Runs one command line (without the program's name): stdout, stderr, and the exit code.
int run_cli(std::span<const std::string> words, const variables& environment);

}  // namespace stayler::cli
