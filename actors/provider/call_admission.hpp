// SPDX-License-Identifier: MIT
#pragma once

#include "actors/provider/call_pace.hpp"
#include "actors/provider/circuit_breaker.hpp"
#include "actors/provider/concurrency_limit.hpp"
#include "actors/provider/key_ring.hpp"
#include "messages/generation.hpp"

#include <optional>
#include <string>

namespace stayler::actors {

/// Decides when a call may be sent and with which key, and learns from what becomes of it: the
/// circuit breaker, the limit on calls in flight, the pace after an outage, and the quota of each
/// key in one place.
class call_admission {
 public:
  using clock_time = std::chrono::steady_clock::time_point;

  /// What a call that was let through is remembered by.
  struct grant {
    std::string key;
    circuit_breaker::ticket ticket{};
    clock_time sent_at;
    std::uint32_t in_flight = 0;  ///< itself among them
  };

  /// No call is let through before that time.
  struct closure {
    clock_time until;
    std::string reason;
  };

  void configure(const gemini_settings& config);

  /// Lets a call through, or not.
  std::optional<grant> admit(clock_time now, timestamp date);

  /// Why none would be let through, where it is not just that enough are under way, or that calls
  /// are spread over time.
  std::optional<closure> closed(clock_time now, timestamp date);

  /// When the pace and the keys let the next call through: `now`, or later.
  [[nodiscard]] clock_time next_at(clock_time now, timestamp date);

  /// What became of the call: none for a picture.
  void end(const grant& call, const failure& outcome, clock_time now);

  /// Nothing can be learnt from what became of it.
  void forget(const grant& call);

  /// True where the failure is the key's, and another key is open.
  [[nodiscard]] bool may_change_key(const failure& outcome, clock_time now, timestamp date);

  /// What the queue needs to know to give out no more than can be worked on.
  provider_gate gate(clock_time now, timestamp date);

  [[nodiscard]] breaker_state breaker(clock_time now) const { return breaker_.at(now); }
  [[nodiscard]] std::uint32_t limit() const;
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::uint32_t per_minute() const { return keys_.per_minute(); }

 private:
  circuit_breaker breaker_;
  concurrency_limit limit_;
  call_pace pace_;
  key_ring keys_;
  std::uint32_t most_in_flight_ = 0;  ///< configured; 0: no bound of our own
  std::uint32_t in_flight_ = 0;
};

}  // namespace stayler::actors
