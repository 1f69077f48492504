// SPDX-License-Identifier: MIT
#include "actors/provider/circuit_breaker.hpp"

#include <algorithm>

namespace stayler::actors {

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
    if (has_failed && is_failing(now)) {
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
  slices_ = {};
  ++epoch_;
}

std::int64_t circuit_breaker::slice_number(clock_time now) const {
  return now.time_since_epoch() / (options_.window / slice_count);
}

void circuit_breaker::count(bool has_failed, clock_time now) {
  const std::int64_t number = slice_number(now);
  slice& current = slices_[static_cast<std::size_t>(number) % slice_count];
  if (current.number != number) {
    current = {number, 0, 0};
  }
  ++current.calls;
  current.failures += has_failed ? 1 : 0;
}

bool circuit_breaker::is_failing(clock_time now) const {
  const std::int64_t oldest = slice_number(now) - static_cast<std::int64_t>(slice_count);
  std::uint32_t calls = 0;
  std::uint32_t failures = 0;
  for (const slice& one : slices_) {
    if (one.number > oldest) {
      calls += one.calls;
      failures += one.failures;
    }
  }
  return options_.failure_share > 0 && calls >= options_.min_calls
         && failures >= options_.failure_share * calls;
}

}  // namespace stayler::actors
