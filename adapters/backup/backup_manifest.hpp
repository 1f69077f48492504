// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// One file of a backup.
struct saved_file {
  std::string path;  ///< below the backup's folder
  std::uint64_t bytes = 0;
  std::string sha256;

  friend bool operator==(const saved_file&, const saved_file&) = default;
};

/// A line for each file, between one that names the form and the program, and one that counts them.
std::string print_manifest(const std::vector<saved_file>& files, std::string_view version);

/// invalid_input: the first line that is not what it should be.
result<std::vector<saved_file>> parse_manifest(std::string_view text);

}  // namespace stayler::adapters
