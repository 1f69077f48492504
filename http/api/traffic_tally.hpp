// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/events.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace stayler::http {

/// Gathers what was answered until it is counted: a message for each answer would cost more than
/// some of the answers do. Its functions may be called from any thread.
class traffic_tally {
 public:
  /// What the one who adds has to see to.
  enum class next_step : std::uint8_t {
    none,
    take_later,  ///< it is the first: take() after a while
    take_now,    ///< many wait
  };

  /// `most`: how many may wait.
  explicit traffic_tally(std::size_t most = 1'000) : most_(most) {}

  next_step add(http_event event);

  /// All that were added since the last call, in their order.
  std::vector<http_event> take();

 private:
  std::mutex mutex_;
  std::size_t most_;
  std::vector<http_event> events_;
};

}  // namespace stayler::http
