// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace stayler::test {

/// Starts a program, named by its path, as the user postgres where the test runs as root, which
/// database servers refuse. Its output goes to the end of the log. It ends with the test.
pid_t launch_as_server_user(std::vector<std::string> arguments, const std::filesystem::path& log);

/// Makes the file or folder that user's.
void give_to_server_user(const std::filesystem::path& owned);

/// What is in the file; nothing where it is not there.
std::string content_of(const std::filesystem::path& file);

}  // namespace stayler::test
