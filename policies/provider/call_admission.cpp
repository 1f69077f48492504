// SPDX-License-Identifier: MIT
#include "policies/provider/call_admission.hpp"

#include "policies/provider/sharing/peer_sharing.hpp"

#include <algorithm>
#include <limits>

namespace stayler::policies {

namespace {

/// Workers that prepare and finish pictures while others wait for the provider.
constexpr std::uint32_t spare_workers = 2;

/// A quota that opens later than that is not one of a minute, and says nothing about one.
constexpr std::chrono::minutes longest_minute{5};

/// A quota that was found so long ago is found anew, which costs a few refusals: it may have been
/// raised a hundredfold.
constexpr std::chrono::hours longest_memory{1};

std::string calls_name(const std::string& model) {
  return model + "/calls";
}

std::string quota_name(const std::string& model, const std::string& key_id) {
  return model + "/" + key_id;
}

/// A failure of the provider itself, rather than of this request, key or quota.
bool blames_service(error_class kind) noexcept {
  return kind == error_class::unavailable || kind == error_class::server_error
         || kind == error_class::timeout || kind == error_class::connection;
}

/// It has too much to do, or seems to.
bool is_overload(error_class kind) noexcept {
  return kind == error_class::unavailable || kind == error_class::timeout;
}

}  // namespace

bool refuses_key(error_class kind) noexcept {
  return kind == error_class::authentication || kind == error_class::permission
         || kind == error_class::quota_exceeded;
}

bool is_of_key(error_class kind) noexcept {
  return refuses_key(kind) || kind == error_class::rate_limited;
}

void call_admission::configure(const gemini_settings& config) {
  keys_.configure(config);
  breaker_.configure(config.breaker_percent / 100.0);
  model_ = config.model;
  most_in_flight_ = config.max_concurrency;
}

std::uint32_t call_admission::limit() const {
  const std::uint32_t all = limit_of_all();
  return std::clamp(std::min(share_.value_or(all), held_.value_or(all)), 1U, all);
}

std::uint32_t call_admission::limit_of_all() const {
  return most_in_flight_ > 0 ? std::min(most_in_flight_, limit_.value()) : limit_.value();
}

std::optional<call_admission::admitted_call> call_admission::admit(clock_time now, timestamp date) {
  hold(now);
  if (!breaker_.allows(now) || throttle_.opens_at(now) > now) {
    return std::nullopt;
  }
  const auto key = keys_.choose(now, date);
  if (!key || !has_room(now)) {
    return std::nullopt;
  }
  keys_.sent(*key, now);
  throttle_.sent(now);
  limit_.sent(now);
  return admitted_call{keys_.id(*key), breaker_.begin(now), now, ++in_flight_ + others_in_flight_};
}

bool call_admission::has_room(clock_time now) {
  if (is_full() && may_grow()) {
    limit_.request_more(in_flight_of_all(), now);
  }
  return !is_full();
}

bool call_admission::is_full() const {
  // What others have under way beyond their shares, as those have become, counts too.
  return in_flight_ >= limit() || in_flight_ + others_in_flight_ >= limit_of_all();
}

bool call_admission::may_grow() const {
  return most_in_flight_ == 0 || limit_.value() < most_in_flight_;
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
  const clock_time opens = std::max(throttle_.opens_at(now), keys_.opens_at(now, date));
  return is_full() && may_grow() ? std::max(opens, limit_.grows_at()) : opens;
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
      throttle_.interrupt(now);
    }
    return;
  }
  if (refuses_key(outcome.kind)) {
    breaker_.forget(call.ticket);
    // With one key there is nothing to change to: each job is told what is wrong.
    if (keys_.size() > 1) {
      keys_.reject(call.key_id, now);
    }
    return;
  }
  keys_.accepted(call.key_id);
  end_of_service(call, outcome.kind, now);
}

void call_admission::end_of_service(
    const admitted_call& call, error_class outcome, clock_time now
) {
  if (outcome == error_class::unavailable && limit_.is_reason(in_flight_of_all())) {
    breaker_.forget(call.ticket);
  } else {
    breaker_.end(call.ticket, blames_service(outcome), now);
  }
  if (breaker_.at(now) == breaker_state::open) {
    throttle_.interrupt(now);
    limit_.note_outage(now);
    hold(now);
    return;
  }
  if (held_ && is_overload(outcome)) {
    held_ = std::max(*held_, 1U) - 1;
  }
  const auto took = std::chrono::duration_cast<concurrency_limit::duration>(now - call.sent_at);
  limit_.note({is_overload(outcome), took, call.in_flight, in_flight_of_all()}, now);
  hold(now);
}

void call_admission::hold(clock_time now) {
  if (!limit_.is_settling(now)) {
    held_.reset();
  } else if (!held_) {
    held_ = in_flight_;
  }
}

std::uint32_t call_admission::in_flight_of_all() const {
  return held_.value_or(in_flight_) + others_in_flight_;
}

void call_admission::forget(const admitted_call& call) {
  --in_flight_;
  breaker_.forget(call.ticket);
}

bool call_admission::wants_more(clock_time now, timestamp date) {
  return now < wants_more_until_ || in_flight_ >= limit() || keys_.opens_at(now, date) > now;
}

peer_record call_admission::snapshot(clock_time now, timestamp date) {
  return {
      {},
      keys_.snapshot(now),
      held_.value_or(in_flight_),
      limit_.value(),
      limit_.shrinks(),
      wants_more(now, date),
      {},
      0};
}

void call_admission::merge(
    const std::vector<peer_record>& others, std::size_t rank, clock_time now, timestamp date
) {
  const bool more = wants_more(now, date);
  keys_.merge(others, rank, more, now);
  others_in_flight_ = 0;
  for (const peer_record& other : others) {
    others_in_flight_ += other.in_flight;
  }
  for (const peer_record& other : others) {
    limit_.merge({other.limit, other.shrinks, in_flight_of_all(), in_flight_ > 0}, now);
  }
  hold(now);
  share_ = share_calls(limit_of_all(), in_flight_, more, others, rank);
}

std::vector<found_limit> call_admission::found(timestamp date) const {
  std::vector<found_limit> limits;
  const auto [calls, is_ceiling] = limit_.found();
  limits.push_back({calls_name(model_), calls, is_ceiling, date});
  for (const provider_key_pool::quota& each : keys_.found()) {
    limits.push_back({quota_name(model_, each.key_id), each.per_minute, true, date});
  }
  return limits;
}

void call_admission::begin(const std::vector<found_limit>& before, clock_time now, timestamp date) {
  for (const found_limit& each : before) {
    const auto age = std::max(
        std::chrono::seconds{0}, std::chrono::floor<std::chrono::seconds>(date - each.found_at)
    );
    if (each.name == calls_name(model_)) {
      limit_.begin({each.value, each.is_ceiling}, age, now);
    }
    for (std::size_t key = 0; key < keys_.size() && age < longest_memory; ++key) {
      if (each.name == quota_name(model_, keys_.id(key))) {
        keys_.begin(key, each.value, now);
      }
    }
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
