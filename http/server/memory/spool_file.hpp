// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::http {

/// Where bodies wait that are still on their way.
struct spool_options {
  std::filesystem::path folder;  ///< empty: they wait in memory
  /// What is left to others on that disk, whichever is less: jobs and images have a claim to it,
  /// too.
  std::uint64_t spare_bytes = 64UL * 1024 * 1024;
  std::uint64_t spare_percent = 5;
};

/// A file without a name, so that nothing is left of it whatever becomes of the process. Its calls
/// wait for the disk; one thread at a time.
class spool_file {
 public:
  explicit spool_file(spool_options options) : options_(std::move(options)) {}
  spool_file(const spool_file&) = delete;
  spool_file& operator=(const spool_file&) = delete;
  ~spool_file();

  /// store_full, unavailable.
  void_result append(std::string_view bytes);

  /// All that was appended. unavailable.
  result<std::vector<std::byte>> read() const;

 private:
  void_result open();
  [[nodiscard]] bool leaves_room(std::size_t bytes) const;

  spool_options options_;
  int fd_ = -1;
  std::size_t size_ = 0;
};

}  // namespace stayler::http
