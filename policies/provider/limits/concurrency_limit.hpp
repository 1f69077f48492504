// SPDX-License-Identifier: MIT
#pragma once

// Finds how many calls a provider can take at a time. Refusals come in milliseconds and answers in
// half a minute, so that the limit does not wait for answers: calls that are under way without a
// refusal are evidence that there is room for more.
// - While all of the limit is used and nothing is refused, it doubles within a fixed time (a slow
//   start by time instead of by round trips), in steps so short that little is sent before the
//   first refusal is back.
// - Calls that are refused beyond what has been taken so far say where the end is: the limit falls
//   to the calls that are under way without a refusal, and this becomes its ceiling. From there it
//   probes upwards, gently at first, after a pause that doubles each time that it is in vain.
// - Calls that are refused within what was taken before say that the provider can take less than it
//   could: multiplicative decrease. So do answers that come much later than usual.
// A provider that fails one call in ten by chance is not overloaded: Page's test tells that from
// one that refuses what is too much.
// Sources: V. Jacobson, "Congestion Avoidance and Control", 1988; the ceiling as in S. Ha, I. Rhee
// and L. Xu, "CUBIC", 2008; E. S. Page, "Continuous Inspection Schemes", 1954.

#include "policies/provider/answer_times.hpp"

#include <chrono>
#include <cstdint>

namespace stayler::policies {

struct concurrency_limit_options {
  std::uint32_t first = 16;
  std::uint32_t most = 10'000;
  std::chrono::milliseconds doubling{1'800};     ///< while nothing is refused
  std::chrono::milliseconds first_pause{2'000};  ///< before the first probe of a ceiling
  std::chrono::milliseconds longest_pause{240'000};
  double overload_share = 0.15;  ///< of calls; so many may be refused by chance
  double decrease = 0.7;
  double slow_factor = 3;  ///< answers so many times slower than usual count as overload
};

class concurrency_limit {
 public:
  using clock_time = std::chrono::steady_clock::time_point;
  using duration = answer_times::duration;

  explicit concurrency_limit(concurrency_limit_options options = {});

  /// Calls that may be in flight; 1 at least.
  [[nodiscard]] std::uint32_t value() const noexcept { return static_cast<std::uint32_t>(width_); }

  /// How often the limit has been found to be too high, here or where it was found.
  [[nodiscard]] std::uint64_t shrinks() const noexcept { return shrinks_; }

  /// What was found, as it is kept for the time after a restart.
  struct finding {
    std::uint32_t calls = 0;  ///< that the provider has taken at a time; 0: nothing is known
    bool is_ceiling = false;  ///< it has refused more
  };
  [[nodiscard]] finding found() const;

  /// Begins with what was found so long ago. Half of it counts after an hour, a quarter after two.
  void begin(const finding& before, std::chrono::seconds age, clock_time now);

  /// What somebody else has found of the same provider. Of two the one that has shrunk more often
  /// counts; else the higher one, and, as long as calls from before the fall are under way, the
  /// lower one.
  struct others_finding {
    std::uint32_t limit = 0;
    std::uint64_t shrinks = 0;
    std::uint32_t in_flight = 0;  ///< calls of all together
    bool has_calls = false;       ///< some of them are this one's
  };
  void merge(const others_finding& other, clock_time now);

  /// A call is sent.
  void sent(clock_time now);

  /// There is a call that the limit keeps from being sent: it grows, where it is time and most of
  /// it is used. `in_flight`: the calls under way.
  void request_more(std::uint32_t in_flight, clock_time now);

  /// When the limit may grow next, if it is still used then.
  [[nodiscard]] clock_time grows_at() const;

  struct ended_call {
    bool is_overload = false;  ///< refused for want of capacity, or timed out
    duration took{0};
    std::uint32_t sent_as = 0;    ///< calls under way when it was sent, itself among them
    std::uint32_t in_flight = 0;  ///< calls that are still under way
  };
  /// A call has ended.
  void note(const ended_call& call, clock_time now);

  /// True where a refusal is due to the number of calls rather than to a provider that fails: most
  /// of those that it has taken before are still under way, and they are many. `in_flight`: how
  /// many.
  [[nodiscard]] bool is_reason(std::uint32_t in_flight) const {
    return in_flight >= options_.first && in_flight >= taken_ / 2;
  }

  /// The limit has just fallen: calls that were sent before may yet be refused, and it follows them
  /// down.
  [[nodiscard]] bool is_settling(clock_time now) const { return is_settling_ && now < settled_at_; }

  /// The provider fails altogether: what it refused lately says nothing about how much it can take.
  void note_outage(clock_time now);

 private:
  void end_settling(clock_time now);
  void note_refusal(const ended_call& call, clock_time now);
  void count_chance(const ended_call& call);
  void settle(std::chrono::steady_clock::duration time, clock_time now);
  [[nodiscard]] double allowed_share() const;
  [[nodiscard]] double allowed_refusals(bool is_of_probe) const;
  void slow_down(clock_time now);
  void set_ceiling(clock_time now);
  void remember_taken(clock_time now);
  [[nodiscard]] bool is_at_ceiling() const;
  [[nodiscard]] bool is_probe(std::uint32_t sent_as) const { return sent_as > taken_; }

  concurrency_limit_options options_;
  double width_;
  double begun_ = 0;    ///< what is known from before, as far as it counts
  double ceiling_ = 0;  ///< where calls were refused last; 0: nowhere
  double speed_ = 1;    ///< of growth at the ceiling and beyond, as a part of the usual one
  std::chrono::milliseconds pause_{0};  ///< before the next probe of the ceiling
  clock_time probes_at_{};
  clock_time steps_at_{};
  std::uint64_t shrinks_ = 0;

  double score_ = 0;   ///< of Page's test
  double chance_ = 0;  ///< part of the calls that is refused where the limit is not the reason
  std::uint32_t chance_calls_;
  bool is_settling_ = false;    ///< calls that were sent before the fall may still be refused
  bool finds_ceiling_ = false;  ///< the fall was due to probes
  clock_time settled_at_{};

  double taken_;  ///< calls that were under way for a while without refusals
  double mark_;   ///< what `taken_` will be next
  clock_time marked_at_{};

  answer_times times_;
};

}  // namespace stayler::policies
