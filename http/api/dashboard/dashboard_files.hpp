// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace stayler::http {

/// A file of web/dist as it is in the program. The build makes the list:
/// cmake/embed_dashboard.cmake.
struct dashboard_file {
  std::string_view name;  ///< with a hash of what is in it, but for the shell, which is index.html
  std::string_view media_type;
  bool is_compressed = false;  ///< by gzip
  std::span<const unsigned char> bytes;
};

/// All of them; they live as long as the program.
std::span<const dashboard_file> dashboard_files() noexcept;

/// The page that loads all others; never compressed.
inline constexpr std::string_view dashboard_shell = "index.html";

}  // namespace stayler::http
