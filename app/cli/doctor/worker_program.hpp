// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/profile/profile.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stayler::cli {

/// Where stayler-worker is: beside this program, where a build leaves it, or in PATH. Empty where
/// there is none.
std::filesystem::path find_worker_program(const variables& environment);

/// A program that has ended.
struct ended_program {
  int exit_code = -1;
  std::string output;  ///< stdout and stderr
};

/// Runs a program to its end, without a shell, in this program's environment.
ended_program run_to_end(
    const std::filesystem::path& program, const std::vector<std::string>& arguments
);

}  // namespace stayler::cli
