// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace stayler::adapters {

/// The lines of a file from the last to the first, as long as it is when this is made. A file that
/// cannot be read has none.
class reverse_lines {
 public:
  explicit reverse_lines(const std::filesystem::path& file);

  /// The line in front of the last one that was given, without its end.
  std::optional<std::string> next();

  /// How many bytes come after the last line end: of a line that was cut off.
  [[nodiscard]] std::uint64_t torn_bytes() const noexcept { return torn_; }

 private:
  bool read_more();

  std::ifstream file_;
  std::uint64_t before_ = 0;  ///< so many bytes come before the buffer's
  std::string buffer_;        ///< what was read and not given yet
  std::uint64_t torn_ = 0;
  bool is_done_ = false;
};

}  // namespace stayler::adapters
