// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

#include <string>
#include <string_view>

namespace stayler::cli {

/// Writes a file as a whole, or not at all: beside its place first. One that is new has that mode.
/// Throws command_error.
void write_file(const std::string& file, std::string_view content, unsigned mode = 0666);

/// Ends the command where nothing can be written there, before anything is paid for: the folder is
/// missing, say, or "-" is a terminal. Throws command_error.
void expect_writable(const console& out, const std::string& file);

/// The content of a file. Throws command_error (usage).
std::string read_whole_file(const std::string& file);

/// A file's name for a job's picture: "0198….png".
std::string usual_file_name(const std::string& name, const adapters::json_value& job);

/// Downloads a picture into a file (of that mode), and says nothing; how many bytes it has.
std::size_t save_image(
    command_context& context, const std::string& id, const std::string& file, unsigned mode = 0666
);

/// Downloads a picture into a file, or, for "-", to stdout.
void download_image(command_context& context, const std::string& id, const std::string& file);

}  // namespace stayler::cli
