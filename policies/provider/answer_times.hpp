// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace stayler::policies {

/// Notices when a provider's answers take much longer than they used to. Answers are judged by the
/// round: as many as calls may be in flight.
class answer_times {
 public:
  using duration = std::chrono::microseconds;

  /// A round so many times slower than usual is slow.
  explicit answer_times(double slow_factor) : slow_factor_(slow_factor) {}

  /// A call was answered. `in_flight`: calls under way when it was sent. True where that ends a
  /// slow round in which most of the limit was used.
  bool note(duration took, std::uint32_t in_flight, std::uint32_t limit);

  /// The average of the last round; 0: there was none.
  [[nodiscard]] duration latest() const { return latest_; }

 private:
  double slow_factor_;
  double usual_ = 0;  ///< microseconds, over many rounds; 0: not known yet
  duration latest_{0};

  std::uint32_t answers_ = 0;
  std::uint32_t most_in_flight_ = 0;
  double time_ = 0;
};

}  // namespace stayler::policies
