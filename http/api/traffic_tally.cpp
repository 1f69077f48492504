// SPDX-License-Identifier: MIT
#include "http/api/traffic_tally.hpp"

#include <utility>

namespace stayler::http {

traffic_tally::next_step traffic_tally::add(http_event event) {
  const std::lock_guard lock{mutex_};
  events_.push_back(std::move(event));
  return events_.size() == 1       ? next_step::take_later
         : events_.size() == most_ ? next_step::take_now
                                   : next_step::none;
}

std::vector<http_event> traffic_tally::take() {
  const std::lock_guard lock{mutex_};
  return std::exchange(events_, {});
}

}  // namespace stayler::http
