// SPDX-License-Identifier: MIT
#pragma once

// Stops calling a provider that fails, and finds out with a few probes when it works again. It
// looks at the share of failed calls in a sliding window, not at failures in a row: a provider that
// fails every second call is as broken as one that fails all, and one bad answer in a quiet hour is
// not. The window is bounded in calls too: at fifty calls a second, fifteen hundred good ones of
// the last half minute would have to be outweighed by as many failures. Source: M. Nygard, "Release
// It!", 2007, chapter 5.2; the sliding window as in Resilience4j.

#include "messages/provider/generation.hpp"

#include <chrono>
#include <cstdint>
#include <deque>

namespace stayler::policies {

struct circuit_breaker_options {
  std::chrono::milliseconds window{30'000};
  std::uint32_t min_calls = 10;                  ///< fewer in the window say nothing
  std::uint32_t max_calls = 50;                  ///< the window holds no more: the latest
  double failure_share = 0.5;                    ///< that many of them open it; 0: it never opens
  std::chrono::milliseconds first_pause{5'000};  ///< how long it stays open; doubled each time
  std::chrono::milliseconds longest_pause{60'000};  ///< that the probes fail
  std::uint32_t probes = 3;  ///< in flight at most while half open, and as many must succeed
};

class circuit_breaker {
 public:
  using clock_time = std::chrono::steady_clock::time_point;

  /// Names a call that was let through; its outcome is told with it.
  enum class ticket : std::uint64_t {};

  explicit circuit_breaker(circuit_breaker_options options = {}) : options_(options) {}

  /// The share from now on; 0: it never opens.
  void configure(double failure_share);

  /// An open breaker is half open once its pause is over.
  [[nodiscard]] breaker_state at(clock_time now) const;

  /// True where a call may be sent now.
  [[nodiscard]] bool allows(clock_time now) const;

  /// A call is sent; only where allows() says so.
  ticket begin(clock_time now);

  /// What became of the call. Those that were sent before the last change of state no longer count.
  void end(ticket call, bool has_failed, clock_time now);

  /// The call ended without saying anything about the provider (it was aborted, or refused for a
  /// reason of its own).
  void forget(ticket call);

  /// When an open breaker lets probes through.
  [[nodiscard]] clock_time reopens_at() const { return reopens_at_; }

 private:
  struct outcome {
    clock_time at;
    bool has_failed = false;
  };

  void count(bool has_failed, clock_time now);
  [[nodiscard]] bool is_failing() const;
  void open(clock_time now);
  void close(clock_time now);

  circuit_breaker_options options_;
  bool is_closed_ = true;
  clock_time reopens_at_{};
  clock_time closed_at_{};
  std::chrono::milliseconds pause_{0};
  std::uint32_t probes_in_flight_ = 0;
  std::uint32_t good_probes_ = 0;
  std::uint64_t epoch_ = 0;  ///< grows with each change of state
  std::deque<outcome> window_;
};

}  // namespace stayler::policies
