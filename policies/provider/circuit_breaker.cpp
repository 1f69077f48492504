// SPDX-License-Identifier: MIT
#include "policies/provider/circuit_breaker.hpp"

#include <algorithm>

namespace stayler::policies {

void circuit_breaker::configure(double failure_share) {
  options_.failure_share = failure_share;
  if (failure_share <= 0) {
    is_closed_ = true;
    ++epoch_;
  }
}

breaker_state circuit_breaker::at(clock_time now) const {
  if (is_closed_) {
    return breaker_state::closed;
  }
  return now < reopens_at_ ? breaker_state::open : breaker_state::half_open;
}

bool circuit_breaker::allows(clock_time now) const {
  switch (at(now)) {
    case breaker_state::closed:
      return true;
    case breaker_state::open:
      return false;
    case breaker_state::half_open:
      break;
  }
  return probes_in_flight_ + good_probes_ < options_.probes;
}

circuit_breaker::ticket circuit_breaker::begin(clock_time now) {
  if (at(now) == breaker_state::half_open) {
    ++probes_in_flight_;
  }
  return ticket{epoch_};
}

void circuit_breaker::forget(ticket call) {
  if (call == ticket{epoch_} && !is_closed_) {
    --probes_in_flight_;
  }
}

void circuit_breaker::end(ticket call, bool has_failed, clock_time now) {
  if (call != ticket{epoch_}) {
    return;
  }
  if (is_closed_) {
    count(has_failed, now);
    if (has_failed && is_failing()) {
      open(now);
    }
    return;
  }
  --probes_in_flight_;
  if (has_failed) {
    open(now);
  } else if (++good_probes_ >= options_.probes) {
    close(now);
  }
}

void circuit_breaker::open(clock_time now) {
  // One that fails again soon after it was closed has not recovered: its pauses go on growing.
  const bool is_first = is_closed_ && now - closed_at_ > options_.window;
  pause_ = pause_.count() == 0 || is_first ? options_.first_pause : pause_ * 2;
  pause_ = std::min(pause_, options_.longest_pause);
  reopens_at_ = now + pause_;
  is_closed_ = false;
  probes_in_flight_ = good_probes_ = 0;
  ++epoch_;
}

void circuit_breaker::close(clock_time now) {
  is_closed_ = true;
  closed_at_ = now;
  window_.clear();
  ++epoch_;
}

void circuit_breaker::count(bool has_failed, clock_time now) {
  window_.push_back({now, has_failed});
  while (window_.size() > options_.max_calls || window_.front().at + options_.window <= now) {
    window_.pop_front();
  }
}

bool circuit_breaker::is_failing() const {
  const auto failures = std::ranges::count_if(window_, &outcome::has_failed);
  return options_.failure_share > 0 && window_.size() >= options_.min_calls
         && static_cast<double>(failures)
                >= options_.failure_share * static_cast<double>(window_.size());
}

}  // namespace stayler::policies
