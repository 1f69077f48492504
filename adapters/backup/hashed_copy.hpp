// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// What a manifest says of a file.
struct file_sum {
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// not_found where there is no such file; unavailable.
result<file_sum> hash_file(const std::filesystem::path& file);

/// Copies a file to one that must not exist, readable by its owner alone. not_found where there is
/// none; unavailable.
result<file_sum> copy_and_hash(const std::filesystem::path& from, const std::filesystem::path& to);

/// The bytes of a file of any size. not_found, unavailable.
result<std::string> read_whole_file(const std::filesystem::path& file);

/// A new file. unavailable.
void_result write_new_file(const std::filesystem::path& file, std::string_view text);

/// Makes durable all that was written to the file system of this folder: once for many files, where
/// a flush of each would take as long as the disk needs for each. unavailable.
void_result make_all_durable(const std::filesystem::path& folder);

}  // namespace stayler::adapters
