// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/service/status.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace stayler::policies {

/// What the store's counts of the last minutes say of how much comes and goes, and how long it
/// takes. They are those of all coordinators. Counts that go back, as another store is used, begin
/// anew.
class workload_history {
 public:
  /// Over so long rates are taken, and how long attempts take, which changes less.
  static constexpr std::chrono::minutes rate_span{2};
  static constexpr std::chrono::minutes attempt_span{10};

  /// As it stands at that time, which is later than the last.
  void add(const job_counts& counts, timestamp now);

  /// Jobs accepted in a second.
  [[nodiscard]] double accepted_per_second() const;

  /// Jobs that came to their end in a second.
  [[nodiscard]] double ended_per_second() const;

  /// The mean time of attempts that completed a job; nothing before the first one.
  [[nodiscard]] std::optional<std::chrono::duration<double>> attempt() const;

 private:
  struct sample {
    timestamp at;
    std::uint64_t accepted = 0;   ///< since the beginning
    std::uint64_t open = 0;       ///< now: not ended
    std::uint64_t completed = 0;  ///< since the first sample, as far as seen
    milliseconds job_time{0};     ///< of these
  };

  /// The latest sample that is at least so old; the oldest where there is none.
  [[nodiscard]] const sample& before(milliseconds span) const;
  [[nodiscard]] double per_second(double events, const sample& since) const;

  std::deque<sample> samples_;
  job_counts last_;
};

}  // namespace stayler::policies
