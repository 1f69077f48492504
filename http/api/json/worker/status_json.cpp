// SPDX-License-Identifier: MIT
#include "http/api/json/worker/status_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/jobs/pause_json.hpp"
#include "http/api/json/members/json_members.hpp"
#include "messages/base/duration.hpp"

#include <algorithm>
#include <cstdint>

namespace stayler::http {

namespace {

using adapters::json_writer;

/// The time since then in whole seconds, as a duration.
std::string time_since(timestamp then, timestamp now) {
  using std::chrono::seconds;
  const auto passed = is_set(then) ? std::max(now - then, milliseconds{0}) : milliseconds{0};
  return format_duration(std::chrono::floor<seconds>(passed));
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

void write_status_fields(json_writer& json, const queue_status& status) {
  const auto& counts = status.counts;
  json.field("totalJobs", counts.accepted).field("pendingJobs", counts.pending);
  json.field("scheduledJobs", counts.scheduled).field("processingJobs", counts.processing);
  json.field("completedJobs", counts.completed).field("failedJobs", counts.failed);
  json.field("cancelledJobs", counts.cancelled).field("activeWorkers", status.workers.size());
  const auto job_time = static_cast<std::uint64_t>(counts.completed_job_time.count());
  json.field("averageJobTime", ratio(job_time, counts.completed));
  json.field("successRate", ratio(counts.completed, counts.completed + counts.failed));
  write_time_or_null(json, "lastJobTime", counts.last_finished_at);
  json.field("state", to_string(status.state));
  write_pauses(json, status.paused);
}

void write_latencies(json_writer& json, const latency_report& latencies) {
  json.key("types").begin_object();
  for (const auto& type : latencies.types) {
    json.key(to_string(type.type)).begin_object().field("completed", type.completed);
    json.field("failed", type.failed).field("cancelled", type.cancelled).end_object();
  }
  json.end_object().key("stages").begin_object();
  for (const auto& stage : latencies.stages) {
    json.key(stage.name).begin_object().field("count", stage.count);
    json.field("p50", stage.p50_seconds * 1000).field("p90", stage.p90_seconds * 1000);
    json.field("p99", stage.p99_seconds * 1000).end_object();
  }
  json.end_object();
}

void write_current_job(json_writer& json, const worker_status* worker) {
  json.key("currentJob");
  if (worker != nullptr && worker->is_busy) {
    json.value(to_string(worker->current_job));
  } else {
    json.null();
  }
}

void write_worker(json_writer& json, const worker_status& worker, timestamp now) {
  json.begin_object().field("workerId", worker.worker_id).field("node", worker.node);
  json.field("status", worker.is_busy ? "busy" : "idle");
  write_time_or_null(json, "lastSeen", worker.last_seen);
  json.field("jobsProcessed", worker.jobs_processed);
  write_current_job(json, &worker);
  json.field("uptime", time_since(worker.started_at, now));
  json.field("restarts", worker.restarts).end_object();
}

void write_child(json_writer& json, const child_status& child, timestamp now) {
  json.begin_object().field("name", child.name).field("state", to_string(child.state));
  json.field("restart", to_string(child.restart));
  json.key("dependsOn").begin_array();
  for (const auto& one : child.depends_on) {
    json.value(one);
  }
  json.end_array().field("restarts", child.restarts);
  json.field("uptime", time_since(child.started_at, now)).field("mailbox", child.mailbox);
  json.key("lastFailure");
  if (is_set(child.last_failure_at)) {
    json.begin_object().field("at", to_rfc3339(child.last_failure_at));
    json.field("message", child.last_failure).end_object();
  } else {
    json.null();
  }
  json.end_object();
}

void write_group(
    json_writer& json,
    std::string_view name,
    std::string_view strategy,
    const std::vector<child_status>& children,
    timestamp now
) {
  json.key(name).begin_object().field("strategy", strategy).key("children").begin_array();
  for (const auto& child : children) {
    write_child(json, child, now);
  }
  json.end_array().end_object();
}

void write_checks(
    json_writer& json, const std::vector<health_check>& checks, health_detail detail
) {
  json.key("checks").begin_object();
  for (const auto& check : checks) {
    json.key(check.name).begin_object().field("status", to_string(check.state));
    if (!check.message.empty() && detail == health_detail::reasons) {
      json.field("message", check.message);
    }
    json.field("took", format_duration(check.took)).end_object();
  }
  json.end_object();
}

}  // namespace

std::string render_status(const queue_status& status) {
  json_writer json;
  json.begin_object();
  write_status_fields(json, status);
  json.end_object();
  return std::move(json).text();
}

std::string render_stats(
    const queue_status& status, const std::optional<latency_report>& latencies, timestamp now
) {
  json_writer json;
  json.begin_object();
  write_status_fields(json, status);
  const bool is_waiting = is_set(status.oldest_pending);
  const auto age =
      is_waiting ? std::max(now - status.oldest_pending, milliseconds{0}) : milliseconds{0};
  json.field("queueAge", format_duration(age));
  if (latencies) {
    write_latencies(json, *latencies);
  }
  json.end_object();
  return std::move(json).text();
}

std::string render_workers(const std::vector<worker_status>& workers, timestamp now) {
  json_writer json;
  json.begin_object().key("workers").begin_array();
  for (const auto& worker : workers) {
    write_worker(json, worker, now);
  }
  json.end_array().end_object();
  return std::move(json).text();
}

std::string render_tree(const tree_status& tree, timestamp now) {
  json_writer json;
  json.begin_object().field("uptime", time_since(tree.started_at, now));
  json.key("intensity").begin_object().field("maxRestarts", tree.max_restarts);
  json.field("window", format_duration(tree.restart_window));
  json.field("recent", tree.recent_restarts).end_object();
  json.field("writtenOff", tree.abandoned);
  write_group(json, "core", "rest_for_one", tree.core, now);
  write_group(json, "workers", "one_for_one", tree.workers, now);
  json.end_object();
  return std::move(json).text();
}

std::string render_health(
    const health_report& report, std::string_view version, health_detail detail
) {
  json_writer json;
  json.begin_object().field("status", to_string(report.state)).field("ready", report.is_ready);
  if (detail == health_detail::reasons) {
    json.field("version", version);
  }
  json.field("timestamp", to_rfc3339(report.at));
  write_checks(json, report.checks, detail);
  json.end_object();
  return std::move(json).text();
}

std::string render_worker_health(const worker_health& shown) {
  std::uint64_t processed = 0;
  const worker_status* busy = nullptr;
  if (shown.queue) {
    for (const auto& worker : shown.queue->workers) {
      processed += worker.jobs_processed;
      busy = worker.is_busy ? &worker : busy;
    }
  }
  json_writer json;
  json.begin_object().field("workerId", shown.worker_id);
  json.field("status", to_string(shown.report.state));
  write_time_or_null(json, "lastSeen", shown.report.at);
  json.field("jobsProcessed", processed);
  write_current_job(json, shown.detail == health_detail::reasons ? busy : nullptr);
  json.field("uptime", time_since(shown.started_at, shown.now));
  write_checks(json, shown.report.checks, shown.detail);
  json.end_object();
  return std::move(json).text();
}

std::string render_message(std::string_view message, timestamp now) {
  json_writer json;
  json.begin_object().field("message", message).field("timestamp", to_rfc3339(now)).end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
