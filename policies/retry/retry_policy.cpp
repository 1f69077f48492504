// SPDX-License-Identifier: MIT
#include "policies/retry/retry_policy.hpp"

#include "messages/jobs/suspect.hpp"
#include "messages/service/node.hpp"
#include "messages/service/quarantine.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::policies {

namespace {

constexpr retry_decision dead_letter{};

/// A tenth at most, and no more than that, is added to a delay that the provider asked for: all who
/// were told the same time would otherwise come back in the same moment.
constexpr milliseconds widest_spread{60'000};

milliseconds spread_out(milliseconds asked, bool jitter, const random_fraction& random) {
  const auto spread = static_cast<double>(std::min(asked / 10, widest_spread).count());
  return jitter ? asked + milliseconds{std::llround(spread * random())} : asked;
}

std::uint32_t failures_of(const job& failed, error_class kind) {
  return static_cast<std::uint32_t>(std::ranges::count_if(
      failed.attempts, [kind](const attempt_record& past) { return past.error.kind == kind; }
  ));
}

/// The pause of one that was lost with its quarantine and the coordinator doubles each time, from
/// this on at least: whatever stops them has the time to be over.
constexpr milliseconds least_pause_of_unlucky{1'000};

milliseconds pause_of_unlucky(const settings& policy, std::uint32_t crashes) {
  const std::uint32_t doublings = crashes + 1 - losses_of_suspect;
  return std::max(policy.retry_delay, least_pause_of_unlucky) * (1U << doublings);
}

retry_decision decide_lost(const job& failed, const settings& policy, timestamp now) {
  // Of a quarantine that has ended by itself nobody asks.
  const bool is_unlucky = is_quarantine(node_of_worker(failed.worker_id));
  if (failed.crashes + 1 >= (is_unlucky ? max_crashes_of_unlucky : max_crashes)
      || may_cost_too_much(failed, policy)) {
    return dead_letter;
  }
  const milliseconds pause =
      is_unlucky ? pause_of_unlucky(policy, failed.crashes) : policy.retry_delay;
  return {true, now + pause, false};
}

bool may_retry(const job& failed, const failure& error, const settings& policy) {
  const std::uint32_t allowed = allowed_retries(failed, policy);
  switch (traits_of(error.kind).retry) {
    case retry_rule::never:
      return false;
    case retry_rule::once:
      return failed.failures < allowed && failures_of(failed, error.kind) == 0;
    case retry_rule::always:
      return failed.failures < allowed;
  }
  return false;
}

}  // namespace

std::uint32_t allowed_retries(const job& of, const settings& policy) {
  return std::min(of.request.max_retries, policy.retry.max_retries);
}

std::uint32_t ambiguous_calls_of(const job& lost) {
  const bool has_open_call = !lost.calls.empty() && lost.calls.back().token == lost.token
                             && lost.calls.back().state == call_state::open;
  return lost.ambiguous_calls + (has_open_call ? 1U : 0U);
}

bool may_cost_too_much(const job& lost, const settings& policy) {
  return ambiguous_calls_of(lost) > policy.max_ambiguous_calls;
}

milliseconds backoff_delay(
    const retry_settings& policy, std::uint32_t failures, const random_fraction& random
) {
  const double exponent = failures > 0 ? failures - 1 : 0;
  const double cap = static_cast<double>(policy.max_delay.count());
  const double grown =
      static_cast<double>(policy.initial_delay.count()) * std::pow(policy.backoff_factor, exponent);
  const double whole = std::min(cap, grown);
  const double delay = policy.jitter ? whole / 2 + whole / 2 * random() : whole;
  return milliseconds{std::llround(delay)};
}

retry_decision decide_retry(
    const job& failed,
    const failure& error,
    const settings& policy,
    timestamp now,
    const random_fraction& random
) {
  if (error.kind == error_class::worker_lost) {
    return decide_lost(failed, policy, now);
  }
  const milliseconds asked = spread_out(error.retry_after, policy.retry.jitter, random);
  // A rate limit with a reopening time is the provider's state, not the job's failure. One without
  // is indistinguishable from refusal for good, and so is bounded by the attempts.
  if (traits_of(error.kind).refunds_attempt && error.retry_after.count() > 0) {
    return {true, now + asked, true};
  }
  if (!may_retry(failed, error, policy)) {
    return dead_letter;
  }
  const milliseconds own = backoff_delay(policy.retry, failed.failures + 1, random);
  return {true, now + std::max(own, asked), false};
}

}  // namespace stayler::policies
