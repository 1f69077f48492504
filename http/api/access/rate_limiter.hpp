// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace stayler::http {

/// How many calls a caller may make.
struct rate_rule {
  double per_second = 0;  ///< 0: as many as it likes
  double burst = 1;       ///< after a pause, this many at once
};

/// A token bucket for each caller. What is kept of callers is bounded: who has been quiet for long
/// enough to have a full bucket is forgotten, and where there are too many others, newcomers share
/// one bucket. Not for several threads.
class rate_limiter {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit rate_limiter(rate_rule rule, std::size_t max_callers = 10'000);

  /// Zero where the caller may go on, and the call is paid for; otherwise how long until it may,
  /// and nothing is taken. One token is enough to go on; a call that costs more leaves a debt, of a
  /// burst at most.
  milliseconds take(const std::string& caller, double cost, time_point now);

  /// Takes what a call that was let in has turned out to cost besides. The debt has no bound: its
  /// caller waits until it is paid.
  void charge(const std::string& caller, double cost, time_point now);

  [[nodiscard]] std::size_t callers() const noexcept { return buckets_.size(); }

 private:
  struct bucket {
    double tokens = 0;
    time_point at;
  };

  [[nodiscard]] double tokens_of(const bucket& which, time_point now) const;
  bucket& bucket_of(const std::string& caller, time_point now);
  bucket& filled_bucket_of(const std::string& caller, time_point now);
  void forget_the_quiet(time_point now);

  rate_rule rule_;
  std::size_t max_callers_;
  std::unordered_map<std::string, bucket> buckets_;
  bucket shared_;
  time_point next_look_{};  ///< at the earliest, for callers to forget
};

}  // namespace stayler::http
