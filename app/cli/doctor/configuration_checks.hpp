// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/doctor/finding.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::cli {

/// Checks a settings file: has stayler-worker, found beside this program or in PATH, read it
/// (--check-config, which starts nothing), and explains each of its complaints; looks at the file's
/// rights and the disk of its data folder. Throws command_error (usage) where there is no such
/// program.
std::vector<finding> check_configuration(command_context& context, const std::string& file);

/// What `stayler-worker --check-config` has said: a finding for each line.
std::vector<finding> read_check_output(std::string_view output, int exit_code_of_it);

}  // namespace stayler::cli
