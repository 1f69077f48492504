// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/prometheus_registry.hpp"

#include "adapters/metrics_registry/prometheus/job_metrics.hpp"
#include "adapters/metrics_registry/prometheus/node_metrics.hpp"
#include "adapters/metrics_registry/prometheus/process_metrics.hpp"
#include "adapters/metrics_registry/prometheus/provider_metrics.hpp"
#include "adapters/metrics_registry/prometheus/service_metrics.hpp"
#include "adapters/metrics_registry/prometheus/workload_metrics.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/gauge.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

namespace stayler::adapters {

namespace {

/// Counters whose names have come down without the ending `_total`. As counters they would be
/// renamed by tools that know the convention; without a type they are left alone.
constexpr std::array<std::string_view, 2> untyped_names{
    "worker_jobs_completed", "worker_jobs_failed"};

void leave_untyped(prometheus::MetricFamily& family) {
  if (std::ranges::find(untyped_names, family.name) == untyped_names.end()) {
    return;
  }
  family.type = prometheus::MetricType::Untyped;
  for (prometheus::ClientMetric& metric : family.metric) {
    metric.untyped.value = metric.counter.value;
  }
}

class prometheus_registry final : public metrics_registry {
 public:
  explicit prometheus_registry(const prometheus_options& options)
      : provider_(registry_, options.models), process_(registry_, options.data_folder) {
    add_gauges(registry_, "stayler_build_info", "Always 1; what runs here is in its labels.")
        .Add({{"version", options.version}, {"role", options.role}, {"revision", options.revision}})
        .Set(1);
  }

  void count(const queue_report& report) override {
    jobs_.count(report);
    nodes_.set_loads(report.nodes);
  }

  void count(const workload_report& report) override { workload_.count(report); }
  void count(const spending_report& report) override { provider_.count(report); }
  void count(const health_report& report) override { service_.count(report); }
  void count(const stage_event& event) override { jobs_.count(event); }
  void count(const provider_event& event) override { provider_.count(event); }
  void count(const provider_status& status) override { provider_.count(status); }
  void count(const cache_event& event) override { provider_.count(event); }
  void count(const http_event& event) override { service_.count(event); }
  void count(const route_report& report) override { service_.count(report); }
  void count(const event_streams_report& report) override { service_.count(report); }
  void count(const audit_report& report) override { service_.count(report); }
  void count(const certificate_event& event) override { service_.count(event); }
  void count(const http_memory_report& report) override { service_.count(report); }
  void count(const notification_report& report) override { service_.count(report); }
  void count(const span_report& report) override { service_.count(report); }
  void count(const restart_event& event) override { service_.count(event); }
  void count(const codec_status& status) override { service_.count(status); }
  void count(const tree_report& report) override { service_.count(report); }
  void count(const node_report& report) override { nodes_.count(report); }
  void count(const link_report& report) override { nodes_.count(report); }

  std::string render() override {
    process_.update();
    auto families = registry_.Collect();
    std::ranges::for_each(families, leave_untyped);
    std::ostringstream text;
    prometheus::TextSerializer{}.Serialize(text, families);
    return text.str();
  }

  latency_report latencies() override { return jobs_.latencies(); }

 private:
  prometheus::Registry registry_;
  job_metrics jobs_{registry_};
  workload_metrics workload_{registry_};
  provider_metrics provider_;
  node_metrics nodes_{registry_};
  service_metrics service_{registry_};
  process_metrics process_;
};

}  // namespace

std::unique_ptr<metrics_registry> make_prometheus_registry(const prometheus_options& options) {
  return std::make_unique<prometheus_registry>(options);
}

}  // namespace stayler::adapters
