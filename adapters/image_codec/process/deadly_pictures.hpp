// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/checksum/checksum.hpp"
#include "messages/base/error.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>

namespace stayler::adapters {

/// Remembers, by their hash, the pictures that have cost two processes each, so that one picture
/// that is in many jobs is decoded twice and not a hundred times. Safe from any thread.
class deadly_pictures {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::size_t most = 256;
  static constexpr std::chrono::hours memory{1};

  /// With what was said of it. The oldest one is forgotten for it where there are too many.
  void remember(std::span<const std::byte> picture, failure why, time_point now);

  /// What was said of it, if it is one of them.
  std::optional<failure> find(std::span<const std::byte> picture, time_point now);

 private:
  struct entry {
    std::size_t bytes = 0;  ///< compared first: most pictures need no hash then
    sha256_digest hash{};
    failure why;
    time_point since;
  };

  void forget_old(time_point now);

  std::mutex mutex_;
  std::deque<entry> entries_;  ///< the oldest first
};

}  // namespace stayler::adapters
