// SPDX-License-Identifier: MIT
#pragma once

// Holds the rate of retries down to a share of the rate of first attempts. While most attempts
// succeed it is never felt; when most fail, retries would multiply the load just when it is least
// wanted, and are spread out in time instead. None is dropped.
// Source: "Handling Overload", in Site Reliability Engineering, O'Reilly 2016, chapter 21.

#include <chrono>
#include <cstdint>

namespace stayler::policies {

struct retry_budget_options {
  double share = 0.5;  ///< of the first attempts of the last minute
  double per_second =
      10;             ///< retries that are always allowed: a quiet service has its failures too
  double burst = 50;  ///< that may come at once after a quiet time
};

class retry_budget {
 public:
  using clock_time = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  explicit retry_budget(retry_budget_options options = {})
      : options_(options), tokens_(options.burst) {}

  /// So many jobs were started for the first time.
  void note_first_attempts(std::uint32_t count, clock_time now);

  /// Takes room for one retry; how long it has to wait for it, 0 where there is room now.
  milliseconds take(clock_time now);

 private:
  void pass_time(clock_time now);
  [[nodiscard]] double rate() const { return options_.per_second + options_.share * firsts_; }

  retry_budget_options options_;
  double tokens_;      ///< below 0: room that is taken already and still to come
  double firsts_ = 0;  ///< first attempts a second, averaged over about a minute
  clock_time last_{};
};

}  // namespace stayler::policies
