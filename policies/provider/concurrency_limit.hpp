// SPDX-License-Identifier: MIT
#pragma once

// Finds how many calls a provider can take at a time: additive increase, multiplicative decrease,
// with a slow start, as TCP finds the width of its path. Calls are judged by the round, which is as
// many calls as the limit allows at a time: a provider that fails one call in ten by chance is not
// overloaded, one that refuses more than a seventh of a full round is.
// Source: V. Jacobson, "Congestion Avoidance and Control", 1988; its use for services as in
// Netflix's concurrency-limits.

#include <chrono>
#include <cstdint>

namespace stayler::policies {

struct concurrency_limit_options {
  std::uint32_t first = 16;
  std::uint32_t most = 10'000;
  double overload_share = 0.15;  ///< of a round's calls; more shrink the limit
  double decrease = 0.7;
  double slow_factor = 3;  ///< a round so many times slower than usual counts as overload
};

class concurrency_limit {
 public:
  using duration = std::chrono::microseconds;

  explicit concurrency_limit(concurrency_limit_options options = {})
      : options_(options), limit_(options.first) {}

  /// Calls that may be in flight; 1 at least.
  [[nodiscard]] std::uint32_t value() const noexcept { return limit_; }

  /// How often the limit has shrunk, here or where it was found.
  [[nodiscard]] std::uint64_t shrinks() const noexcept { return shrinks_; }

  /// What somebody else has found of the same provider. Of two the one that has shrunk more often
  /// counts; else the higher one.
  void merge(std::uint32_t limit, std::uint64_t shrinks);

  /// A call has ended. `in_flight`: calls under way when it was sent, itself among them.
  void note(bool is_overload, duration took, std::uint32_t in_flight);

 private:
  void end_round();
  [[nodiscard]] bool is_slow(double average) const;
  void shrink();

  concurrency_limit_options options_;
  std::uint32_t limit_;
  std::uint64_t shrinks_ = 0;
  bool is_slow_start_ = true;
  double usual_ = 0;  ///< microseconds, over many rounds; 0: not known yet

  std::uint32_t calls_ = 0;
  std::uint32_t overloads_ = 0;
  std::uint32_t most_in_flight_ = 0;
  double time_ = 0;  ///< of the calls that were answered well
};

}  // namespace stayler::policies
