// SPDX-License-Identifier: MIT
#pragma once

#include "policies/provider/call_admission.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace stayler::policies {

/// The models that may be asked, in the order in which they are preferred, each with an admission
/// of its own: the provider's quotas and its trouble are a model's. Calls go to the first model
/// that is well. It is not while its circuit breaker is open (while that is half open, it gets the
/// probes and the next model the rest), and not while the provider does not know it. Everything
/// else, a quota that is used up above all, is waited for: another model costs another price and
/// makes other pictures, and only those who named it for want of the first have asked for it.
class model_pool {
 public:
  using clock_time = call_admission::clock_time;
  using closure = call_admission::closure;

  /// What a call that was let through is remembered by.
  struct admitted_call {
    std::string model;
    std::uint64_t serial = 0;  ///< tells it from a model of that name that has gone and come back
    call_admission::admitted_call call;
  };

  /// What becomes known of a model that stays is kept.
  void configure(const gemini_settings& config);

  /// Lets a call through, or not.
  std::optional<admitted_call> admit(clock_time now, timestamp date);

  /// Why none would be let through to any model, where it is not just that enough are under way, or
  /// that calls are spread over time.
  std::optional<closure> closed(clock_time now, timestamp date);

  /// When the next call may be let through: `now`, or later.
  [[nodiscard]] clock_time next_at(clock_time now, timestamp date);

  /// What became of the call: none for a picture; not_found where the provider does not know the
  /// model. How long a call took that could wait, and that there was no room for it, says nothing
  /// of the others.
  void end(const admitted_call& call, const failure& outcome, bool could_wait, clock_time now);

  /// Nothing can be learnt from what became of it.
  void forget(const admitted_call& call);

  // Limits are shared with other coordinators for the first model alone. Each finds those of the
  // others by itself, while they serve.
  [[nodiscard]] peer_record snapshot(clock_time now, timestamp date);
  void merge(
      const std::vector<peer_record>& others, std::size_t rank, clock_time now, timestamp date
  );

  /// The limits of all models as they have been found so far, and to begin with after a restart.
  [[nodiscard]] std::vector<found_limit> found(timestamp date) const;
  void begin(const std::vector<found_limit>& before, clock_time now, timestamp date);

  /// Somebody waits for what the limits do not give.
  void request_more(clock_time now);

  /// What the queue needs to know to give out no more than can be worked on.
  provider_capacity capacity(clock_time now, timestamp date);

  [[nodiscard]] bool has_keys() const { return models_.front().admission.has_keys(); }
  /// Of the first model: whether things are as they should be.
  [[nodiscard]] breaker_state breaker(clock_time now) const;
  /// Calls that may be in flight from here, and the quota, of the model that serves.
  [[nodiscard]] std::uint32_t limit(clock_time now) const;
  [[nodiscard]] std::uint32_t per_minute(clock_time now) const;
  /// Calls to it that all coordinators together may have in flight.
  [[nodiscard]] std::uint32_t limit_of_all(clock_time now) const;
  /// Of all models.
  [[nodiscard]] std::uint32_t in_flight() const;

  /// The model that calls go to now.
  [[nodiscard]] const std::string& serving(clock_time now) const;
  /// Each model's state; `date` is now, too.
  [[nodiscard]] std::vector<model_status> status(clock_time now, timestamp date) const;

 private:
  struct entry {
    std::string name;
    std::uint64_t serial = 0;
    call_admission admission;
    std::optional<clock_time> retired_until;
    std::uint64_t calls = 0;
  };

  [[nodiscard]] static bool is_retired(const entry& model, clock_time now);
  /// The first model that may be asked without reserve; the one that opens first where there is
  /// none.
  [[nodiscard]] std::size_t serving_place(clock_time now) const;
  entry* find(const admitted_call& call);

  std::vector<entry> models_{1};
  std::uint64_t last_serial_ = 0;
  std::uint32_t most_in_flight_ = 0;  ///< of all models together; 0: no bound
};

}  // namespace stayler::policies
