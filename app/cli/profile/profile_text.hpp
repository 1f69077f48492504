// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

// Changes of config.toml as a text: what the user has written there, comments and order, stays.

namespace stayler::cli {

/// The file's text; empty where there is no such file.
std::string read_profile_text(const std::filesystem::path& file);

/// The text with that default.
std::string with_default_profile(std::string_view text, const std::string& name);

/// The text with a profile of that name whose address and key file are these; what else the profile
/// has stays. An empty key file: it has none.
std::string with_profile(
    std::string_view text,
    const std::string& name,
    const std::string& url,
    const std::string& key_file
);

/// Writes the file (0600), and its folder (0700) where that is missing. A link is followed. Throws
/// command_error: usage where the text is no such file, and nothing is written; refused where it
/// cannot be written.
void write_profile_text(const std::filesystem::path& file, const std::string& text);

/// Writes a file that nobody else may read, and its folder, in the same way.
void write_private_file(const std::filesystem::path& file, const std::string& text);

}  // namespace stayler::cli
