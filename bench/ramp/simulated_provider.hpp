// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <string>

namespace stayler::bench {

using clock_time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

inline double in_seconds(clock_time::duration time) {
  return std::chrono::duration<double>(time).count();
}

enum class quota_kind {
  bucket,  ///< so many a minute, each at its time, and a tenth of them at once
  window,  ///< so many in any sixty seconds
};

/// What a provider does with calls.
struct provider_model {
  std::string name;
  double latency = 10;  ///< seconds, give or take a third
  std::uint32_t per_minute =
      0;  ///< refused beyond, with 429 and a time to wait, after 0.2 s; 0: no quota
  quota_kind kind = quota_kind::bucket;
  std::uint32_t most_in_flight = 0;  ///< refused beyond, with 503; 0: no bound
  double refusal = 0.5;              ///< seconds until that 503
  double failing = 0;                ///< part of the calls that are refused with 503 by chance
};

/// Answers calls in virtual time.
class simulated_provider {
 public:
  simulated_provider(provider_model model, unsigned seed)
      : model_(std::move(model)), random_(seed) {}

  struct answer {
    failure outcome;
    milliseconds after{0};
  };
  /// A call arrives. The times of calls never go back.
  answer take(clock_time now);

  /// An accepted call has been answered.
  void release() { --in_flight_; }

  /// Accepted calls under way.
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }

  /// The calls that the quota alone would have taken within that time. `is_fresh`: none were sent
  /// before.
  [[nodiscard]] double allowed(clock_time::duration time, bool is_fresh) const;

 private:
  /// How long to wait; 0: the quota has room.
  milliseconds take_quota(clock_time now);

  provider_model model_;
  std::mt19937_64 random_;
  std::uint32_t in_flight_ = 0;
  double tokens_ = -1;  ///< of the bucket; negative: not used yet
  clock_time last_{};
  std::deque<clock_time> window_;
};

}  // namespace stayler::bench
