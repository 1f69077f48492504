// SPDX-License-Identifier: MIT
#pragma once

// Decides whether and when a failed job is tried again. Back-off is exponential with "equal
// jitter": half of the delay is fixed, half is random, so that jobs that failed together do not
// come back together, and none comes back at once.
// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

#include "messages/jobs/job.hpp"
#include "messages/jobs/retry.hpp"
#include "messages/service/settings.hpp"

#include <functional>

namespace stayler::policies {

/// A number in [0, 1): the only randomness of the policy, so that tests can choose it.
using random_fraction = std::function<double()>;

/// A job whose worker was lost this often is a dead letter: a poison job must not take all down.
/// Suspects, who have one left (messages/jobs/suspect.hpp), run alone in a quarantine, so that no
/// job loses it through others; there it counts where the quarantine has ended by itself.
inline constexpr std::uint32_t max_crashes = 3;

/// A job that was lost so often, at last time and again along with its quarantine and the
/// coordinator, is a dead letter all the same: it may be what takes both down.
inline constexpr std::uint32_t max_crashes_of_unlucky = 10;

/// The delay before the attempt that follows `failures` failed ones (1 or more): between half of
/// and the whole of min(maxDelay, initialDelay * factor^(failures-1)); exactly that without jitter.
milliseconds backoff_delay(
    const retry_settings& policy, std::uint32_t failures, const random_fraction& random
);

/// How often the job may be tried again: as it asked, and no more than the service allows now.
std::uint32_t allowed_retries(const job& of, const settings& policy);

/// How many calls of the job have an unknown fate if its worker is lost now.
std::uint32_t ambiguous_calls_of(const job& lost);

/// True where another attempt of the job, whose worker was lost, may be paid for more often than
/// the settings allow.
bool may_cost_too_much(const job& lost, const settings& policy);

/// What becomes of the job, whose own counters do not include this failure yet. Never earlier than
/// the failure's retry_after, which may lie beyond maxDelay: the provider knows better. The retry
/// scheduler may put it off further, by the retry budget.
retry_decision decide_retry(
    const job& failed,
    const failure& error,
    const settings& policy,
    timestamp now,
    const random_fraction& random
);

}  // namespace stayler::policies
