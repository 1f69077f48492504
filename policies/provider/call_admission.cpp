// SPDX-License-Identifier: MIT
#include "policies/provider/call_admission.hpp"

#include "policies/provider/fair_share.hpp"

#include <algorithm>
#include <limits>

namespace stayler::policies {

namespace {

/// Workers that prepare and finish pictures while others wait for the provider.
constexpr std::uint32_t spare_workers = 2;

/// A quota that opens later than that is not one of a minute, and says nothing about one.
constexpr std::chrono::minutes longest_minute{5};

/// A failure of the provider itself, rather than of this request, key or quota.
bool blames_service(error_class kind) noexcept {
  return kind == error_class::unavailable || kind == error_class::server_error
         || kind == error_class::timeout || kind == error_class::connection;
}

/// It has too much to do, or seems to.
bool is_overload(error_class kind) noexcept {
  return kind == error_class::unavailable || kind == error_class::timeout;
}

/// The key's or its project's fault: another one may do.
bool blames_key(error_class kind) noexcept {
  return kind == error_class::authentication || kind == error_class::permission
         || kind == error_class::quota_exceeded;
}

}  // namespace

bool is_of_key(error_class kind) noexcept {
  return blames_key(kind) || kind == error_class::rate_limited;
}

void call_admission::configure(const gemini_settings& config) {
  keys_.configure(config);
  breaker_.configure(config.breaker_percent / 100.0);
  most_in_flight_ = config.max_concurrency;
}

std::uint32_t call_admission::limit() const {
  return share_ ? std::clamp(*share_, 1U, limit_of_all()) : limit_of_all();
}

std::uint32_t call_admission::limit_of_all() const {
  return most_in_flight_ > 0 ? std::min(most_in_flight_, limit_.value()) : limit_.value();
}

std::optional<call_admission::admitted_call> call_admission::admit(clock_time now, timestamp date) {
  if (in_flight_ >= limit() || !breaker_.allows(now) || pace_.opens_at(now) > now) {
    return std::nullopt;
  }
  const auto key = keys_.choose(now, date);
  if (!key) {
    return std::nullopt;
  }
  keys_.sent(*key, now);
  pace_.sent(now);
  return admitted_call{keys_.id(*key), breaker_.begin(now), now, ++in_flight_ + others_in_flight_};
}

std::optional<call_admission::closure> call_admission::closed(clock_time now, timestamp date) {
  if (breaker_.at(now) == breaker_state::open) {
    return closure{breaker_.reopens_at(), "the provider fails: the circuit breaker is open"};
  }
  const clock_time opens = keys_.closed_until(now, date);
  if (opens > now) {
    return closure{opens, "the provider's quota is used up for now"};
  }
  return std::nullopt;
}

call_admission::clock_time call_admission::next_at(clock_time now, timestamp date) {
  return std::max(pace_.opens_at(now), keys_.opens_at(now, date));
}

void call_admission::end(const admitted_call& call, const failure& outcome, clock_time now) {
  --in_flight_;
  if (outcome.kind == error_class::rate_limited) {
    breaker_.forget(call.ticket);
    if (outcome.retry_after > longest_minute) {
      keys_.close_until(call.key_id, now + outcome.retry_after);
    } else {
      keys_.refused(call.key_id, call.sent_at, outcome.retry_after, now);
    }
    // Another key may take the call.
    if (keys_.size() == 1) {
      pace_.interrupt(now);
    }
    return;
  }
  if (blames_key(outcome.kind)) {
    breaker_.forget(call.ticket);
    // With one key there is nothing to change to: each job is told what is wrong.
    if (keys_.size() > 1) {
      keys_.reject(call.key_id, now);
    }
    return;
  }
  keys_.accepted(call.key_id);
  breaker_.end(call.ticket, blames_service(outcome.kind), now);
  if (breaker_.at(now) == breaker_state::open) {
    pace_.interrupt(now);
  }
  const auto took = std::chrono::duration_cast<concurrency_limit::duration>(now - call.sent_at);
  limit_.note(is_overload(outcome.kind), took, call.in_flight);
}

void call_admission::forget(const admitted_call& call) {
  --in_flight_;
  breaker_.forget(call.ticket);
}

bool call_admission::is_hungry(clock_time now, timestamp date) {
  return now < hungry_until_ || in_flight_ >= limit() || keys_.opens_at(now, date) > now;
}

peer_record call_admission::show(clock_time now, timestamp date) {
  return {{}, keys_.show(now), in_flight_, limit_.value(), limit_.shrinks(), is_hungry(now, date),
          {}};
}

void call_admission::hear(
    const std::vector<peer_record>& others, std::size_t place, clock_time now, timestamp date
) {
  const bool hungry = is_hungry(now, date);
  keys_.hear(others, place, hungry, now);
  const auto wish = [](std::uint32_t in_flight, bool is_unbounded) {
    return is_unbounded ? std::numeric_limits<std::uint32_t>::max() : in_flight + in_flight / 4 + 1;
  };
  std::vector<std::uint32_t> wishes;
  others_in_flight_ = 0;
  for (const peer_record& other : others) {
    limit_.adopt(other.limit, other.shrinks);
    others_in_flight_ += other.in_flight;
    wishes.push_back(wish(other.in_flight, other.is_hungry));
  }
  const auto own = wishes.begin() + static_cast<std::ptrdiff_t>(place);
  wishes.insert(own, wish(in_flight_, hungry));
  share_.reset();
  if (!others.empty()) {
    share_ = fair_shares(limit_of_all(), wishes)[place];
  }
}

provider_capacity call_admission::capacity(clock_time now, timestamp date) {
  provider_capacity shown;
  const std::uint32_t calls = limit();
  shown.max_in_flight = calls + calls / 2;
  if (const std::uint32_t quota = keys_.share_per_minute(); quota > 0) {
    // A call has to wait its turn for some ten seconds at most, in the hands of a worker.
    shown.max_in_flight = std::min(shown.max_in_flight, in_flight_ + quota / 6 + 1);
  }
  shown.max_in_flight += spare_workers;
  if (breaker_.at(now) != breaker_state::closed) {
    shown.max_in_flight = circuit_breaker_options{}.probes;
  }
  if (const auto shut = closed(now, date)) {
    shown.closed_until = date + std::chrono::ceil<milliseconds>(shut->until - now);
    shown.reason = shut->reason;
  }
  return shown;
}

}  // namespace stayler::policies
