// SPDX-License-Identifier: MIT
#include "adapters/config/options/option_groups.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace std::chrono_literals;

constexpr option job_rows[] = {
    {.names = {"WORKER_MAX_WORKERS", "maxWorkers"},
     .is_live = true,
     .value = integer{&settings::max_workers, 1, 10'000},
     .meaning = "How many jobs are worked on at the same time."},
    {.names = {"WORKER_JOB_TIMEOUT", "jobTimeout"},
     .is_live = true,
     .value = duration{&settings::job_timeout, 100ms, 24h},
     .meaning = "Longest time for one attempt at a job, unless the job sets its own."},
    {.names = {"WORKER_RETRY_DELAY", "retryDelay"},
     .is_live = true,
     .value = duration{&settings::retry_delay, 0ms, 24h},
     .meaning = "Pause before a job whose worker was lost is tried again."},
    {.names = {"WORKER_MAX_RETRIES", "maxRetries"},
     .is_live = true,
     .value = integer{&settings::max_retries, 0, 100},
     .remark = "at most RETRY_MAX_RETRIES",
     .meaning = "How often a failed job is tried again, unless the job sets its own maxRetries."},
    {.names = {"WORKER_POLL_INTERVAL", "pollInterval"},
     .is_live = true,
     .value = duration{&settings::poll_interval, 10ms, 1h},
     .meaning = "How often the queue looks for due jobs and expired leases by itself. Jobs are "
                "pushed to free workers at once; this is only the safety net."},
    {.names = {"WORKER_CLEANUP_INTERVAL", "cleanupInterval"},
     .is_live = true,
     .value = duration{&settings::cleanup_interval, 100ms, 24h},
     .meaning = "How often final jobs past their retention are removed."},
    {.names = {"RETRY_MAX_RETRIES", "retry.maxRetries"},
     .is_live = true,
     .value = integer{&retry_settings::max_retries, 0, 100},
     .meaning = "Ceiling of every job's maxRetries."},
    {.names = {"RETRY_INITIAL_DELAY", "retry.initialDelay"},
     .is_live = true,
     .value = duration{&retry_settings::initial_delay, 1ms, 24h},
     .remark = "at most RETRY_MAX_DELAY",
     .meaning =
         "Longest pause before the first retry of a job; RETRY_JITTER shortens it by chance."},
    {.names = {"RETRY_MAX_DELAY", "retry.maxDelay"},
     .is_live = true,
     .value = duration{&retry_settings::max_delay, 1ms, 24h},
     .meaning = "Longest back-off. A pause that the provider asks for may be longer."},
    {.names = {"RETRY_BACKOFF_FACTOR", "retry.backoffFactor"},
     .is_live = true,
     .value = decimal{&retry_settings::backoff_factor, 1, 100},
     .meaning = "By how much the pause grows with each attempt."},
    {.names = {"RETRY_JITTER", "retry.jitter"},
     .is_live = true,
     .value = boolean{&retry_settings::jitter},
     .meaning = "Whether pauses are spread at random, so that jobs that failed together don't "
                "return together."},
    {.names = {"QUEUE_MAX_JOBS", "queueMaxJobs"},
     .is_live = true,
     .value = integer{&settings::max_jobs, 0, 100'000'000},
     .meaning = "How many jobs may wait, pending or scheduled; more are refused with 429. 0: no "
                "limit."},
    {.names = {"QUEUE_MAX_JOBS_PER_USER", "queueMaxJobsPerUser"},
     .is_live = true,
     .value = integer{&settings::max_jobs_per_user, 0, 100'000'000},
     .meaning = "How many of them may be one user's; more of that user's are refused with 429. 0: "
                "no limit."},
    {.names = {"WORKER_MAX_AMBIGUOUS_CALLS", "maxAmbiguousCalls"},
     .is_live = true,
     .value = integer{&settings::max_ambiguous_calls, 0, 100},
     .meaning = "How often a job is tried again after its worker was lost during a call to the "
                "provider: nobody knows then whether the call was paid for."},
};

}  // namespace

option_group job_options() noexcept {
  return {"Jobs", job_rows};
}

}  // namespace stayler::adapters
