// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace stayler::adapters {

/// FILE.NUMBER: what a file was, which another has followed under its name.
struct numbered_file {
  std::uint64_t number = 0;
  std::filesystem::path path;
};

/// All that lie beside that file, the lowest number first; none where its folder cannot be read.
std::vector<numbered_file> list_numbered_files(const std::filesystem::path& file);

}  // namespace stayler::adapters
