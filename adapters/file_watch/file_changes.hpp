// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace stayler::adapters {

/// Notices that files are written, replaced, made or removed, by a look at them now and then;
/// links are followed. What they hold is not read. One thread at a time.
class file_changes {
 public:
  explicit file_changes(std::vector<std::filesystem::path> files);

  /// True once for each change, at the first look that finds the files as the look before did: a
  /// file that is being written is left to its writer, and of two that are written one after the
  /// other, not the first alone is a change.
  bool look();

 private:
  /// What a file is recognized by.
  struct stamp {
    int error = 0;  ///< why there is none
    std::uint64_t device = 0;
    std::uint64_t node = 0;
    std::int64_t size = 0;
    std::int64_t modified = 0;  ///< nanoseconds
    std::int64_t changed = 0;   ///< nanoseconds

    friend bool operator==(const stamp&, const stamp&) = default;
  };

  static stamp stamp_of(const std::filesystem::path& file);
  [[nodiscard]] std::vector<stamp> stamps() const;

  std::vector<std::filesystem::path> files_;
  std::vector<stamp> known_;
  std::vector<stamp> seen_;  ///< at the last look
};

}  // namespace stayler::adapters
