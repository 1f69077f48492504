// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace stayler::http {

/// How many calls a caller may make.
struct rate_rule {
  double per_second = 0;  ///< 0: as many as it likes
  double burst = 1;       ///< after a pause, this many at once

  friend bool operator==(const rate_rule&, const rate_rule&) = default;
};

/// How a caller stands, for it to read.
struct rate_state {
  std::uint64_t limit = 0;      ///< calls at once after a pause
  std::uint64_t remaining = 0;  ///< calls at once now
  std::uint64_t reset_s = 0;    ///< seconds until the limit is there again without calls meanwhile
};

/// What one caller may spend: full at first, it is refilled steadily. Not for several threads.
class token_bucket {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit token_bucket(const rate_rule& rule) : rule_(rule), tokens_(rule.burst) {}

  /// Zero where the caller may go on, and the call is paid for; otherwise how long until it may,
  /// and nothing is taken. One token is enough to go on; a call that costs more leaves a debt, of a
  /// burst at most.
  milliseconds take(double cost, time_point now);

  /// Takes what a call that was let in has turned out to cost besides. The debt has no bound: its
  /// caller waits until it is paid.
  void charge(double cost, time_point now);

  [[nodiscard]] bool is_full(time_point now) const;
  /// Nothing where there is no limit.
  [[nodiscard]] std::optional<rate_state> state(time_point now) const;

 private:
  [[nodiscard]] double tokens(time_point now) const;
  void refill(time_point now);
  [[nodiscard]] bool is_limited() const noexcept { return rule_.per_second > 0; }

  rate_rule rule_;
  double tokens_;
  time_point at_{};  ///< when so many were left
};

}  // namespace stayler::http
