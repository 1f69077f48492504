// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/jobs/type_pause.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler {

/// Whether jobs are accepted and dispatched.
enum class service_state : std::uint8_t {
  stopped,  ///< up, but neither accepting nor dispatching
  running,
  draining,  ///< finishing what runs, accepting nothing
};

std::string_view to_string(service_state state) noexcept;

/// How many jobs a store holds in each state, and what it has seen since it was created. Kept by
/// the transitions themselves; reading it costs nothing.
struct job_counts {
  std::uint64_t pending = 0;
  std::uint64_t scheduled = 0;
  std::uint64_t processing = 0;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t accepted = 0;          ///< all that were ever enqueued
  milliseconds completed_job_time{0};  ///< sum over completed jobs, start of attempt to completion
  timestamp last_finished_at;
  std::uint64_t stale_reports = 0;    ///< refused because their lease had moved on
  std::uint64_t ambiguous_calls = 0;  ///< provider calls whose fate nobody knows
  std::uint64_t repaired = 0;         ///< faults of its indexes that the store found and repaired

  friend bool operator==(const job_counts&, const job_counts&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_counts& x) {
  return f(
      x.pending, x.scheduled, x.processing, x.completed, x.failed, x.cancelled, x.accepted,
      x.completed_job_time, x.last_finished_at, x.stale_reports, x.ambiguous_calls, x.repaired
  );
}

/// What one worker slot is doing, as the queue knows it.
struct worker_status {
  std::string worker_id;
  std::string node;
  bool is_busy = false;
  job_id current_job;  ///< nil unless busy
  timestamp last_seen;
  timestamp started_at;
  std::uint64_t jobs_processed = 0;  ///< since the process began, over restarts of the slot
  std::uint32_t restarts = 0;

  friend bool operator==(const worker_status&, const worker_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, worker_status& x) {
  return f(
      x.worker_id, x.node, x.is_busy, x.current_job, x.last_seen, x.started_at, x.jobs_processed,
      x.restarts
  );
}

/// The queue's own account.
struct queue_status {
  service_state state = service_state::stopped;
  job_counts counts;
  timestamp oldest_pending;  ///< creation time of the oldest job that could run now; may be unset
  std::vector<type_pause> paused;  ///< of these types no job is dispatched
  std::vector<worker_status> workers;
  timestamp oldest_due{};  ///< since when that job could have run; unset where there is none
  bool is_reaper = false;  ///< of all coordinators, this one looks after the queue
  std::uint64_t full_store_errors = 0;  ///< batches since the start that the store had no room for

  friend bool operator==(const queue_status&, const queue_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, queue_status& x) {
  return f(
      x.state, x.counts, x.oldest_pending, x.paused, x.workers, x.oldest_due, x.is_reaper,
      x.full_store_errors
  );
}

/// Whether jobs are given out, by who does so: the queue, or a node's link to its coordinator.
struct dispatch_status {
  bool is_open = false;    ///< neither stopped nor draining
  bool has_begun = false;  ///< the store has answered once; the node has joined once

  friend bool operator==(const dispatch_status&, const dispatch_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, dispatch_status& x) {
  return f(x.is_open, x.has_begun);
}

/// When the supervisor starts a child again that has ended.
enum class restart_rule : std::uint8_t {
  permanent,  ///< always
  transient,  ///< when it has failed, not when it ended by itself
  temporary,  ///< never
};

std::string_view to_string(restart_rule rule) noexcept;

/// How a child of the supervisor is.
enum class child_state : std::uint8_t {
  running,
  ending,       ///< told to end
  backing_off,  ///< has failed; will be started again after a pause
  waiting,      ///< for one that it depends on
  stopped,      ///< has ended, and is not to be started again
};

std::string_view to_string(child_state state) noexcept;

/// One actor of the supervision tree.
struct child_status {
  std::string name;
  child_state state = child_state::stopped;
  restart_rule restart = restart_rule::permanent;
  std::vector<std::string> depends_on;
  std::uint32_t restarts = 0;
  timestamp started_at;       ///< not set unless it runs
  std::uint64_t mailbox = 0;  ///< messages that waited for it when it was last asked
  timestamp last_failure_at;  ///< not set where it has never failed
  std::string last_failure;

  friend bool operator==(const child_status&, const child_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, child_status& x) {
  return f(
      x.name, x.state, x.restart, x.depends_on, x.restarts, x.started_at, x.mailbox,
      x.last_failure_at, x.last_failure
  );
}

/// The supervision tree as it stands.
struct tree_status {
  timestamp started_at;
  std::uint32_t max_restarts = 0;  ///< more than that within the window end the service
  milliseconds restart_window{0};
  std::uint32_t recent_restarts = 0;  ///< within the window
  std::uint32_t abandoned = 0;        ///< actors that were stuck, and whose threads are lost
  std::vector<child_status> core;     ///< in the order of their start
  std::vector<child_status> workers;

  friend bool operator==(const tree_status&, const tree_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, tree_status& x) {
  return f(
      x.started_at, x.max_restarts, x.restart_window, x.recent_restarts, x.abandoned, x.core,
      x.workers
  );
}

/// Latency of one stage over the last minutes.
struct stage_latency {
  std::string name;  ///< a job_stage, "queue_wait" or "total"
  std::uint64_t count = 0;
  double p50_seconds = 0;
  double p90_seconds = 0;
  double p99_seconds = 0;

  friend bool operator==(const stage_latency&, const stage_latency&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stage_latency& x) {
  return f(x.name, x.count, x.p50_seconds, x.p90_seconds, x.p99_seconds);
}

/// Finished jobs of one type.
struct type_count {
  job_type type = job_type::image_conversion;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;

  friend bool operator==(const type_count&, const type_count&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, type_count& x) {
  return f(x.type, x.completed, x.failed, x.cancelled);
}

/// Attempts that have failed with that class.
struct failure_count {
  error_class error = error_class::none;
  std::uint64_t attempts = 0;

  friend bool operator==(const failure_count&, const failure_count&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, failure_count& x) {
  return f(x.error, x.attempts);
}

/// What the metrics actor can say in numbers.
struct latency_report {
  std::vector<stage_latency> stages;
  std::vector<type_count> types;
  std::vector<failure_count> failures{};  ///< by class; those that have not occurred are left out

  friend bool operator==(const latency_report&, const latency_report&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, latency_report& x) {
  return f(x.stages, x.types, x.failures);
}

/// The notifier's own account; what it counts begins with its start.
struct notification_status {
  std::uint64_t open = 0;  ///< neither delivered nor given up
  std::uint64_t delivered = 0;
  std::uint64_t given_up = 0;
  std::uint64_t unsaved = 0;            ///< taken over without the outbox, which was away
  std::uint32_t failures_in_a_row = 0;  ///< of deliveries
  failure last_error;                   ///< of the last delivery that failed
  timestamp last_failure;
  failure outbox_error;  ///< set: the outbox is away

  friend bool operator==(const notification_status&, const notification_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, notification_status& x) {
  return f(
      x.open, x.delivered, x.given_up, x.unsaved, x.failures_in_a_row, x.last_error, x.last_failure,
      x.outbox_error
  );
}

/// How well a part of the service is.
enum class health_state : std::uint8_t { healthy, degraded, unhealthy, starting };

std::string_view to_string(health_state state) noexcept;

/// The result of one check.
struct health_check {
  std::string name;  ///< queue, storage, codec, database, gemini, provider_setup, notifications
  health_state state = health_state::starting;
  std::string message;  ///< why, where it is not healthy
  milliseconds took{0};

  friend bool operator==(const health_check&, const health_check&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, health_check& x) {
  return f(x.name, x.state, x.message, x.took);
}

/// The whole service's health: the worst of its checks, where all but the queue only degrade.
struct health_report {
  health_state state = health_state::starting;
  bool is_ready = false;  ///< accepts jobs: what a readiness probe asks
  std::vector<health_check> checks;
  timestamp at;
  bool has_started = false;  ///< once, and so for good: what a startup probe asks

  friend bool operator==(const health_report&, const health_report&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, health_report& x) {
  return f(x.state, x.is_ready, x.checks, x.at, x.has_started);
}

}  // namespace stayler
