// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/prometheus/metric_families.hpp"

#include <filesystem>

namespace stayler::adapters {

/// What the system says of this process: memory, CPU, open files, the disk that it writes to.
class process_metrics {
 public:
  /// `data_folder` is on that disk; empty: none is shown.
  process_metrics(prometheus::Registry& registry, std::filesystem::path data_folder);

  /// Asks the system again.
  void update();

 private:
  std::filesystem::path data_folder_;
  prometheus::Gauge& resident_memory_;
  prometheus::Gauge& memory_limit_;
  prometheus::Counter& cpu_;
  prometheus::Gauge& open_files_;
  prometheus::Gauge& max_files_;
  gauge_family& disk_free_;
  gauge_family& disk_size_;
};

}  // namespace stayler::adapters
