// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/rate_limit/token_bucket.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>

namespace stayler::http {

/// A token bucket for each caller, of whom there may be any number. What is kept of them is
/// bounded: who has been quiet for long enough to have a full bucket is forgotten, and where there
/// are too many others, newcomers share one bucket. Not for several threads.
class rate_limiter {
 public:
  using time_point = token_bucket::time_point;

  explicit rate_limiter(rate_rule rule, std::size_t max_callers = 10'000);

  /// As token_bucket::take, from the caller's bucket.
  milliseconds take(const std::string& caller, double cost, time_point now);

  [[nodiscard]] std::size_t callers() const noexcept { return buckets_.size(); }

 private:
  token_bucket& bucket_of(const std::string& caller, time_point now);
  void forget_the_quiet(time_point now);

  rate_rule rule_;
  std::size_t max_callers_;
  std::unordered_map<std::string, token_bucket> buckets_;
  token_bucket shared_;
  time_point next_look_{};  ///< at the earliest, for callers to forget
};

}  // namespace stayler::http
