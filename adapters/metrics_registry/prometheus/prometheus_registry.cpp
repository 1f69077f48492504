// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/prometheus_registry.hpp"

#include "adapters/metrics_registry/prometheus/job_metrics.hpp"
#include "adapters/metrics_registry/prometheus/node_metrics.hpp"
#include "adapters/metrics_registry/prometheus/provider_metrics.hpp"
#include "adapters/metrics_registry/prometheus/service_metrics.hpp"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace stayler::adapters {

namespace {

class prometheus_registry final : public metrics_registry {
 public:
  explicit prometheus_registry(const std::string& version) {
    add_gauges(registry_, "stayler_build_info", "Always 1; the version is its label.")
        .Add({{"version", version}})
        .Set(1);
  }

  void count(const queue_report& report) override {
    jobs_.count(report);
    nodes_.set_loads(report.nodes);
  }

  void count(const stage_event& event) override { jobs_.count(event); }
  void count(const provider_event& event) override { provider_.count(event); }
  void count(const provider_status& status) override { provider_.count(status); }
  void count(const cache_event& event) override { provider_.count(event); }
  void count(const http_event& event) override { service_.count(event); }
  void count(const audit_report& report) override { service_.count(report); }
  void count(const certificate_event& event) override { service_.count(event); }
  void count(const http_memory_report& report) override { service_.count(report); }
  void count(const notification_report& report) override { service_.count(report); }
  void count(const restart_event& event) override { service_.count(event); }
  void count(const codec_status& status) override { service_.count(status); }
  void count(const tree_report& report) override { service_.count(report); }
  void count(const node_report& report) override { nodes_.count(report); }
  void count(const link_report& report) override { nodes_.count(report); }

  std::string render() override {
    service_.update_process();
    std::ostringstream text;
    prometheus::TextSerializer{}.Serialize(text, registry_.Collect());
    return text.str();
  }

  latency_report latencies() override { return jobs_.latencies(); }

 private:
  prometheus::Registry registry_;
  job_metrics jobs_{registry_};
  provider_metrics provider_{registry_};
  node_metrics nodes_{registry_};
  service_metrics service_{registry_};
};

}  // namespace

std::unique_ptr<metrics_registry> make_prometheus_registry(const std::string& version) {
  return std::make_unique<prometheus_registry>(version);
}

}  // namespace stayler::adapters
