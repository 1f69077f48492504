// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/provider/generation.hpp"
#include "messages/service/notifications.hpp"
#include "messages/service/status.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler {

/// What can happen to a job.
enum class job_event_kind : std::uint8_t {
  accepted,
  started,
  retried,      ///< an attempt failed, another will follow
  interrupted,  ///< the lease came back unfinished
  completed,
  failed,
  cancelled,
};

/// Something that happened to a job, for those who count. Sent by the queue after the store has
/// taken the change, so that counters are exact.
struct job_event {
  job_event_kind kind = job_event_kind::accepted;
  job_id id;
  job_type type = job_type::image_conversion;
  error_class error = error_class::none;  ///< retried, failed
  milliseconds queue_wait{0};             ///< started: since it could first have run
  milliseconds run_time{0};               ///< end of an attempt: since its start
  milliseconds age{0};                    ///< end of a job: since it was accepted

  friend bool operator==(const job_event&, const job_event&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_event& x) {
  return f(x.kind, x.id, x.type, x.error, x.queue_wait, x.run_time, x.age);
}

/// The workers of one node.
struct node_load {
  std::string node;  ///< empty: the queue's own process
  std::uint32_t slots = 0;
  std::uint32_t busy = 0;

  friend bool operator==(const node_load&, const node_load&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_load& x) {
  return f(x.node, x.slots, x.busy);
}

/// What the queue tells the metrics actor after a batch: the events in it and the state after it.
struct queue_report {
  std::vector<job_event> events;
  job_counts counts;
  std::uint32_t active_workers = 0;
  std::uint32_t batch_size = 0;
  std::chrono::microseconds batch_time{0};
  std::vector<node_load> nodes;
  std::vector<error_class> store_errors{};  ///< of batches that the store has failed, one of each

  friend bool operator==(const queue_report&, const queue_report&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, queue_report& x) {
  return f(
      x.events, x.counts, x.active_workers, x.batch_size, x.batch_time, x.nodes, x.store_errors
  );
}

/// Why no job is given out that waits.
enum class hold_reason : std::uint8_t { none, stopped, budget, quota, provider_closed };

/// The names of the values of hold_reason, in their order.
inline constexpr std::array<std::string_view, 5> hold_reason_names{
    "none", "stopped", "budget", "quota", "provider_closed"};

/// How much waits in the whole queue, for how long and why, and what that asks for.
struct workload_report {
  milliseconds oldest_waits{0};  ///< since the oldest pending job could have run
  hold_reason held_by = hold_reason::none;
  std::uint64_t held = 0;          ///< pending and scheduled jobs
  std::vector<job_type> paused{};  ///< types
  /// Worker slots that would be of use, for all coordinators; nothing where another one says it.
  std::optional<std::uint32_t> workers_desired{};

  friend bool operator==(const workload_report&, const workload_report&) = default;
};

/// A worker has left a stage.
struct stage_event {
  job_stage stage = job_stage::queued;
  std::chrono::microseconds took{0};

  friend bool operator==(const stage_event&, const stage_event&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stage_event& x) {
  return f(x.stage, x.took);
}

/// A request to the provider has ended; one call with two re-sends makes three of these.
struct provider_event {
  std::uint32_t http_status = 0;  ///< 0 where there was no answer
  error_class error = error_class::none;
  std::chrono::microseconds took{0};
  token_usage usage;
  micro_dollars cost = 0;
  std::string model;  ///< that was asked

  friend bool operator==(const provider_event&, const provider_event&) = default;
};

/// The result cache was asked or has changed.
struct cache_event {
  std::uint32_t hits = 0;    ///< since the last of these
  std::uint32_t misses = 0;  ///< since the last of these
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;

  friend bool operator==(const cache_event&, const cache_event&) = default;
};

/// An HTTP request of ours was answered.
struct http_event {
  std::string route;  ///< the pattern ("/worker/jobs/{id}"), never the raw path
  std::string method;
  std::uint32_t status = 0;
  std::chrono::microseconds took{0};

  friend bool operator==(const http_event&, const http_event&) = default;
};

/// The HTTP routes that there are.
struct route_report {
  struct route {
    std::string method;
    std::string pattern;

    friend bool operator==(const route&, const route&) = default;
  };
  std::vector<route> routes;

  friend bool operator==(const route_report&, const route_report&) = default;
};

/// How many callers follow events now.
struct event_streams_report {
  std::uint64_t open = 0;

  friend bool operator==(const event_streams_report&, const event_streams_report&) = default;
};

/// What the audit trail has not been able to keep.
struct audit_report {
  std::uint64_t lost = 0;  ///< records, since the start

  friend bool operator==(const audit_report&, const audit_report&) = default;
};

/// What is known of a certificate that this process shows.
struct certificate_event {
  enum class use : std::uint8_t {
    api,
    nodes
  };  ///< to whom: callers of the API; the other processes
  timestamp expiry;
  use shown_to = use::api;

  friend bool operator==(const certificate_event&, const certificate_event&) = default;
};

/// What one kind of bytes takes of the memory that the HTTP front end may use.
struct http_memory_share {
  std::string name;
  std::uint64_t held = 0;     ///< bytes, now
  std::uint64_t limit = 0;    ///< bytes
  std::uint64_t refused = 0;  ///< calls that found no room, so far

  friend bool operator==(const http_memory_share&, const http_memory_share&) = default;
};

/// How full the memory of the HTTP front end is.
struct http_memory_report {
  std::vector<http_memory_share> shares;

  friend bool operator==(const http_memory_report&, const http_memory_report&) = default;
};

/// How many messages wait for an actor.
struct mailbox_size {
  std::string actor;
  std::uint64_t messages = 0;

  friend bool operator==(const mailbox_size&, const mailbox_size&) = default;
};

/// What the supervisor has heard from the actors it watches, one round of asking after the other.
struct tree_report {
  std::vector<mailbox_size> mailboxes;
  std::uint32_t abandoned = 0;  ///< actors that were stuck, so far

  friend bool operator==(const tree_report&, const tree_report&) = default;
};

/// What has become of notifications since the notifier's last report.
struct notification_report {
  std::uint64_t open = 0;  ///< now
  std::uint64_t delivered = 0;
  std::uint64_t given_up = 0;
  std::uint64_t unsaved = 0;  ///< taken over without the outbox, which was away
  delivery_counts failed{};   ///< deliveries that failed, by problem

  friend bool operator==(const notification_report&, const notification_report&) = default;
};

/// What has become of spans since the exporter's last report.
struct span_report {
  std::uint64_t exported = 0;
  std::uint64_t overflowed = 0;   ///< dropped: there were too many to wait
  std::uint64_t undelivered = 0;  ///< dropped: the collector could not be reached, or had no room
  std::uint64_t refused = 0;      ///< dropped: the collector does not take them

  friend bool operator==(const span_report&, const span_report&) = default;
};

/// The supervisor has restarted an actor.
struct restart_event {
  std::string actor;
  std::string reason;

  friend bool operator==(const restart_event&, const restart_event&) = default;
};

/// What has become of nodes since the gateway's last report.
struct node_report {
  std::uint32_t connected = 0;  ///< now
  std::uint32_t joined = 0;
  std::uint32_t lost = 0;
  std::uint32_t refused = 0;
  std::uint32_t adopted = 0;  ///< attempts that were begun under another coordinator

  friend bool operator==(const node_report&, const node_report&) = default;
};

/// What has become of a node's coordinator since the last report.
struct link_report {
  bool is_connected = false;  ///< now
  std::uint32_t joined = 0;
  std::uint32_t lost = 0;

  friend bool operator==(const link_report&, const link_report&) = default;
};

}  // namespace stayler
