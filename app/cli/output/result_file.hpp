// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

#include <string>
#include <string_view>

namespace stayler::cli {

/// Writes a file as a whole, or not at all: beside its place first. Throws command_error.
void write_file(const std::string& file, std::string_view content);

/// The content of a file. Throws command_error (usage).
std::string read_whole_file(const std::string& file);

/// Downloads a picture into a file, or, for "-", to stdout.
void download_image(command_context& context, const std::string& id, const std::string& file);

}  // namespace stayler::cli
