// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

namespace stayler::adapters {

/// When the next process may be started in the place of one that was lost: at once, but more and
/// more slowly where processes end before they are ready.
class respawn_schedule {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// So many failed starts in a row mean that the next one will fail too.
  static constexpr std::size_t failures_that_tell = 5;

  void succeeded() {
    failures_ = 0;
    reason_.clear();
  }

  void failed(time_point now, std::string reason) {
    constexpr std::array<std::chrono::milliseconds, 3> pauses{{
        std::chrono::milliseconds{100},
        std::chrono::milliseconds{1'000},
        std::chrono::milliseconds{5'000},
    }};
    next_start_ = now + pauses[std::min(failures_, pauses.size() - 1)];
    ++failures_;
    reason_ = std::move(reason);
  }

  [[nodiscard]] time_point next_start() const noexcept {
    return failures_ == 0 ? time_point{} : next_start_;
  }

  /// Why the last start has failed; empty where it has not.
  [[nodiscard]] const std::string& last_failure() const noexcept { return reason_; }

  /// Why processes cannot be started; empty where they can, as far as is known.
  [[nodiscard]] std::string problem() const {
    return failures_ >= failures_that_tell ? reason_ : std::string{};
  }

 private:
  std::size_t failures_ = 0;  ///< in a row
  time_point next_start_ = time_point{};
  std::string reason_;
};

}  // namespace stayler::adapters
