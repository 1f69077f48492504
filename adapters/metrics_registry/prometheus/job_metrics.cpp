// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/job_metrics.hpp"

#include "adapters/metrics_registry/prometheus/metric_labels.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

namespace stayler::adapters {

namespace {

constexpr auto outcome_completed = "completed";
constexpr auto outcome_retried = "retried";
constexpr auto outcome_interrupted = "interrupted";
constexpr auto outcome_failed = "failed";
constexpr auto outcome_cancelled = "cancelled";

const char* name_of_end(job_event_kind kind) {
  return kind == job_event_kind::completed ? outcome_completed
         : kind == job_event_kind::failed  ? outcome_failed
                                           : outcome_cancelled;
}

}  // namespace

job_metrics::job_metrics(prometheus::Registry& registry)
    : accepted_(add_counter(registry, "worker_jobs_total", "Jobs accepted since the start.")),
      pending_(add_gauge(registry, "worker_jobs_pending", "Jobs that could run now.")),
      processing_(add_gauge(registry, "worker_jobs_processing", "Jobs that a worker holds.")),
      completed_(add_counter(registry, "worker_jobs_completed", "Jobs completed since the start.")),
      failed_(add_counter(registry, "worker_jobs_failed", "Jobs failed for good since the start.")),
      active_workers_(
          add_gauge(registry, "worker_active_workers", "Workers that have joined the queue.")
      ),
      average_job_time_(
          add_gauge(registry, "worker_average_job_time", "Mean run time of completed jobs in ms.")
      ),
      success_rate_(
          add_gauge(registry, "worker_success_rate", "Completed share of all ended jobs, 0 to 1.")
      ),
      stage_duration_(add_histograms(
          registry, "stayler_job_stage_duration_seconds", "Time that jobs spend in a stage."
      )),
      queue_wait_(add_histogram(
          registry,
          "stayler_job_queue_wait_seconds",
          "Time from when a job could first have run to its start.",
          long_times()
      )),
      job_duration_(add_histograms(
          registry, "stayler_job_duration_seconds", "Run time of the attempt that completed a job."
      )),
      attempts_(add_counters(
          registry, "stayler_job_attempts_total", "Attempts that have ended, by how and why."
      )),
      scheduled_(add_gauge(registry, "stayler_jobs_scheduled", "Jobs that wait for their time.")),
      cancelled_(add_counter(registry, "stayler_jobs_cancelled_total", "Jobs cancelled.")),
      interrupted_(add_counter(
          registry, "stayler_jobs_interrupted_total", "Leases that came back unfinished."
      )),
      stale_reports_(add_counters(
          registry,
          "stayler_stale_reports_total",
          "Reports refused because their lease had moved on."
      )),
      ambiguous_calls_(add_counters(
          registry,
          "stayler_ambiguous_calls_total",
          "Calls to the provider whose worker was lost: nobody knows whether they were paid for."
      )),
      repairs_(add_counters(
          registry,
          "stayler_store_repairs_total",
          "Faults of the job store's indexes that an audit repaired; should be 0."
      )),
      batch_size_(add_histogram(
          registry,
          "stayler_store_batch_size",
          "Changes written to the store at once.",
          batch_sizes()
      )),
      batch_duration_(add_histogram(
          registry,
          "stayler_store_batch_duration_seconds",
          "Time to write a batch of changes.",
          short_times()
      )),
      end_to_end_(add_histograms(
          registry,
          "stayler_job_end_to_end_seconds",
          "Time from when a job was accepted to its end."
      )),
      dead_letters_(
          add_gauge(registry, "stayler_dead_letters", "Jobs failed for good that are still kept.")
      ),
      store_errors_(add_counters(
          registry, "stayler_store_errors_total", "Batches of changes that the job store failed."
      )) {
  success_rate_.Set(1);
  begin();
}

void job_metrics::begin() {
  attempts_of(outcome_completed, error_class::none);
  for (const error_class error : all_error_classes()) {
    attempts_of(outcome_interrupted, error);
    if (error != error_class::none) {
      attempts_of(outcome_retried, error);
      attempts_of(outcome_failed, error);
    }
  }
  for (const job_type type : all_job_types) {
    for (const char* outcome : {outcome_completed, outcome_failed, outcome_cancelled}) {
      end_to_end_of(type, outcome);
    }
  }
  for (const error_class error :
       {error_class::unavailable, error_class::store_full, error_class::timeout,
        error_class::connection, error_class::internal_bug}) {
    store_errors_.Add({{"class", std::string{to_string(error)}}});
  }
}

void job_metrics::count(const queue_report& report) {
  for (const auto& event : report.events) {
    count_event(event);
  }
  active_workers_.Set(report.active_workers);
  set_counts(report.counts);
  if (report.batch_size > 0) {
    batch_size_.Observe(report.batch_size);
    batch_duration_.Observe(seconds(report.batch_time));
  }
  for (const error_class error : report.store_errors) {
    store_errors_.Add({{"class", std::string{to_string(error)}}}).Increment();
  }
}

void job_metrics::count(const stage_event& event) {
  const auto stage = to_string(event.stage);
  stage_duration_.Add({{"stage", std::string{stage}}}, long_times()).Observe(seconds(event.took));
  latencies_.observe(stage, event.took);
}

latency_report job_metrics::latencies() const {
  latency_report report{latencies_.quantiles(), {finished_.begin(), finished_.end()}, {}};
  for (const auto& [error, attempts] : failures_) {
    report.failures.push_back({error, attempts});
  }
  return report;
}

void job_metrics::count_event(const job_event& event) {
  switch (event.kind) {
    case job_event_kind::accepted:
      accepted_.Increment();
      break;
    case job_event_kind::started:
      queue_wait_.Observe(seconds(event.queue_wait));
      latencies_.observe("queue_wait", event.queue_wait);
      break;
    case job_event_kind::retried:
      count_attempt(outcome_retried, event.error);
      break;
    case job_event_kind::interrupted:
      interrupted_.Increment();
      count_attempt(outcome_interrupted, event.error);
      break;
    case job_event_kind::completed:
    case job_event_kind::failed:
    case job_event_kind::cancelled:
      count_end(event);
      break;
  }
}

void job_metrics::count_end(const job_event& event) {
  auto& of_type = finished_[event.type == job_type::image_conversion ? 0 : 1];
  end_to_end_of(event.type, name_of_end(event.kind)).Observe(seconds(event.age));
  if (event.kind == job_event_kind::completed) {
    completed_.Increment();
    ++of_type.completed;
    count_attempt(outcome_completed, error_class::none);
    job_duration_.Add({{"type", std::string{to_string(of_type.type)}}}, long_times())
        .Observe(seconds(event.run_time));
    latencies_.observe("total", event.run_time);
  } else if (event.kind == job_event_kind::failed) {
    failed_.Increment();
    ++of_type.failed;
    count_attempt(outcome_failed, event.error);
  } else {
    cancelled_.Increment();
    ++of_type.cancelled;
  }
}

void job_metrics::count_attempt(const char* outcome, error_class error) {
  attempts_of(outcome, error).Increment();
  if (error != error_class::none) {
    ++failures_[error];
  }
}

prometheus::Counter& job_metrics::attempts_of(const char* outcome, error_class error) {
  auto& counter = attempt_counters_[{outcome, error}];
  if (counter == nullptr) {
    counter =
        &attempts_.Add({{"outcome", outcome}, {"error_class", std::string{to_string(error)}}});
  }
  return *counter;
}

prometheus::Histogram& job_metrics::end_to_end_of(job_type type, const char* outcome) {
  return end_to_end_.Add(
      {{"type", std::string{to_string(type)}}, {"outcome", outcome}}, long_times()
  );
}

void job_metrics::set_counts(const job_counts& counts) {
  pending_.Set(static_cast<double>(counts.pending));
  scheduled_.Set(static_cast<double>(counts.scheduled));
  processing_.Set(static_cast<double>(counts.processing));
  dead_letters_.Set(static_cast<double>(counts.failed));
  const auto completed = static_cast<double>(counts.completed);
  const auto total_time = static_cast<double>(counts.completed_job_time.count());
  average_job_time_.Set(counts.completed > 0 ? total_time / completed : 0);
  const auto ended = completed + static_cast<double>(counts.failed);
  success_rate_.Set(ended > 0 ? completed / ended : 1);
  raise_to(stale_reports_.Add({}), counts.stale_reports);
  raise_to(ambiguous_calls_.Add({}), counts.ambiguous_calls);
  raise_to(repairs_.Add({}), counts.repaired);
}

}  // namespace stayler::adapters
