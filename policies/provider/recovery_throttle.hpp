// SPDX-License-Identifier: MIT
#pragma once

// After the provider was away, all that has waited for it would be thrown at it as fast as the
// limit on calls in flight allows: the surest way to bring it down again. For as long as there is
// such a backlog, calls are held to a little more than their usual rate, which grows with time.

#include <chrono>
#include <optional>

namespace stayler::policies {

struct recovery_throttle_options {
  double head_room = 1.4;                ///< over the usual rate
  std::chrono::seconds doubling{120};    ///< the head room is doubled each time
  double least_per_second = 10;          ///< what a quiet service may always do
  double least_burst = 3;                ///< calls that may come at once
  std::chrono::milliseconds burst{100};  ///< as many calls may, where that is more
};

class recovery_throttle {
 public:
  using clock_time = std::chrono::steady_clock::time_point;

  explicit recovery_throttle(recovery_throttle_options options = {}) : options_(options) {}

  /// When the next call may be sent: `now`, or later.
  [[nodiscard]] clock_time opens_at(clock_time now);

  /// A call is sent.
  void sent(clock_time now);

  /// The provider takes no calls for now: those that come after are held to the pace.
  void interrupt(clock_time now);

 private:
  void pass_time(clock_time now);
  [[nodiscard]] double usual(clock_time now) const;
  [[nodiscard]] double allowed(clock_time now) const;
  [[nodiscard]] double most_tokens(clock_time now) const;

  recovery_throttle_options options_;
  clock_time first_{};
  clock_time last_{};
  double calls_ = 0;             ///< of the last half minute, fading
  std::optional<double> usual_;  ///< calls a second before the interruption; none: no pace is kept
  std::optional<clock_time> resumed_at_;  ///< when the first call after it was sent
  double tokens_ = 0;
  int unhindered_ = 0;  ///< calls in a row that did not have to wait for the pace
};

}  // namespace stayler::policies
