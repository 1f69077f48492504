// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/workload_metrics.hpp"

#include "adapters/metrics_registry/prometheus/metric_labels.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <cstddef>
#include <string>

namespace stayler::adapters {

workload_metrics::workload_metrics(prometheus::Registry& registry)
    : oldest_(add_gauge(
        registry,
        "stayler_queue_oldest_pending_seconds",
        "How long the oldest pending job could have run already; 0 where none is pending."
    )),
      held_(add_gauges(
          registry,
          "stayler_jobs_held",
          "Pending and scheduled jobs of a queue that gives none out, by why it does not."
      )),
      paused_(add_gauges(registry, "stayler_types_paused", "1 while jobs of that type are paused.")
      ),
      desired_(add_gauges(
          registry,
          "stayler_workers_desired",
          "Workers that would be of use to all coordinators; said by one of them."
      )) {
  count(workload_report{});  // so that each reason and type is there, at 0
}

void workload_metrics::count(const workload_report& report) {
  oldest_.Set(seconds(report.oldest_waits));
  for (std::size_t i = 1; i < hold_reason_names.size(); ++i) {
    const bool is_why = static_cast<std::size_t>(report.held_by) == i;
    held_.Add({{"reason", std::string{hold_reason_names.at(i)}}}
    ).Set(is_why ? static_cast<double>(report.held) : 0);
  }
  for (const job_type type : all_job_types) {
    const bool is_paused = std::ranges::find(report.paused, type) != report.paused.end();
    paused_.Add({{"type", std::string{to_string(type)}}}).Set(is_paused ? 1 : 0);
  }
  if (report.workers_desired) {
    shown_desired_ = &desired_.Add({});
    shown_desired_->Set(*report.workers_desired);
  } else if (shown_desired_ != nullptr) {
    desired_.Remove(shown_desired_);
    shown_desired_ = nullptr;
  }
}

}  // namespace stayler::adapters
