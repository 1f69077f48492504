// SPDX-License-Identifier: MIT
#pragma once

#include "messages/provider/found_limit.hpp"
#include "messages/provider/generation.hpp"
#include "policies/provider/circuit_breaker.hpp"
#include "policies/provider/limits/concurrency_limit.hpp"
#include "policies/provider/provider_key_pool.hpp"
#include "policies/provider/recovery_throttle.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stayler::policies {

/// The provider refuses the key, or its project's account is used up: another key may do.
bool refuses_key(error_class kind) noexcept;

/// A failure that is the key's or its quota's: another key may do.
bool is_of_key(error_class kind) noexcept;

/// Decides when a call may be sent and with which key, and learns from what becomes of it: the
/// circuit breaker, the limit on calls in flight, the pace after an outage, and the quota of each
/// key in one place.
class call_admission {
 public:
  using clock_time = std::chrono::steady_clock::time_point;

  /// What a call that was let through is remembered by.
  struct admitted_call {
    std::string key_id;
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
  std::optional<admitted_call> admit(clock_time now, timestamp date);

  /// Why none would be let through, where it is not just that enough are under way, or that calls
  /// are spread over time.
  std::optional<closure> closed(clock_time now, timestamp date);

  /// When the pace, the keys and the limit's growth let the next call through: `now`, or later.
  [[nodiscard]] clock_time next_at(clock_time now, timestamp date);

  /// What became of the call: none for a picture.
  void end(const admitted_call& call, const failure& outcome, clock_time now);

  /// Nothing can be learnt from what became of it.
  void forget(const admitted_call& call);

  /// How this coordinator stands, for the others, without its name and account.
  [[nodiscard]] peer_record snapshot(clock_time now, timestamp date);

  /// Takes in the records of the others, in the order of their names: from now on all together keep
  /// within the limits, each with a fair share. `rank`: this coordinator among all, by name.
  void merge(
      const std::vector<peer_record>& others, std::size_t rank, clock_time now, timestamp date
  );

  /// The limits as they have been found so far, to begin with after a restart.
  [[nodiscard]] std::vector<found_limit> found(timestamp date) const;

  /// Begins with what was found before; what is too old, or belongs to another model or key, counts
  /// for nothing.
  void begin(const std::vector<found_limit>& before, clock_time now, timestamp date);

  /// Somebody waits for what the limits do not give: a larger share would be used.
  void request_more(clock_time now) { wants_more_until_ = now + std::chrono::seconds{10}; }

  /// What the queue needs to know to give out no more than can be worked on.
  provider_capacity capacity(clock_time now, timestamp date);

  [[nodiscard]] bool has_keys() const { return !keys_.is_empty(); }
  [[nodiscard]] breaker_state breaker(clock_time now) const { return breaker_.at(now); }
  /// When an open breaker lets probes through.
  [[nodiscard]] clock_time reopens_at() const { return breaker_.reopens_at(); }
  /// Calls that may be in flight from here.
  [[nodiscard]] std::uint32_t limit() const;
  /// And from all coordinators together.
  [[nodiscard]] std::uint32_t limit_of_all() const;
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::uint32_t per_minute() const { return keys_.per_minute(); }

 private:
  [[nodiscard]] std::uint32_t in_flight_of_all() const;
  void hold(clock_time now);
  [[nodiscard]] bool has_room(clock_time now);
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool may_grow() const;
  void end_of_service(const admitted_call& call, error_class outcome, clock_time now);
  [[nodiscard]] bool wants_more(clock_time now, timestamp date);

  circuit_breaker breaker_;
  concurrency_limit limit_;
  recovery_throttle throttle_;
  provider_key_pool keys_;
  std::string model_;
  std::uint32_t most_in_flight_ = 0;  ///< configured; 0: no bound of our own
  std::uint32_t in_flight_ = 0;
  std::uint32_t others_in_flight_ = 0;
  /// Set while the limit settles: the calls that were under way when it fell, without those that
  /// have been refused since.
  std::optional<std::uint32_t> held_;
  std::optional<std::uint32_t> share_;  ///< of the limit on calls in flight; none: it is all ours
  clock_time wants_more_until_{};
};

}  // namespace stayler::policies
