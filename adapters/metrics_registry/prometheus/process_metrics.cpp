// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/process_metrics.hpp"

#include "adapters/metrics_registry/process_stats.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace stayler::adapters {

process_metrics::process_metrics(prometheus::Registry& registry, std::filesystem::path data_folder)
    : data_folder_(std::move(data_folder)),
      resident_memory_(
          add_gauge(registry, "process_resident_memory_bytes", "Memory of the process in RAM.")
      ),
      memory_limit_(add_gauge(
          registry,
          "stayler_memory_limit_bytes",
          "Memory that the process and its children may use, by its control group; 0: no limit."
      )),
      cpu_(add_counter(
          registry, "process_cpu_seconds_total", "CPU time of the process, user and system."
      )),
      open_files_(add_gauge(registry, "process_open_fds", "File descriptors that are open.")),
      max_files_(add_gauge(registry, "process_max_fds", "File descriptors that may be open.")),
      disk_free_(add_gauges(
          registry, "stayler_disk_free_bytes", "Room for this process where its data folder is."
      )),
      disk_size_(add_gauges(registry, "stayler_disk_size_bytes", "Size of that file system.")) {
  add_gauge(registry, "process_start_time_seconds", "Start of the process since the epoch.")
      .Set(process_start_time_seconds());
}

void process_metrics::update() {
  resident_memory_.Set(static_cast<double>(process_resident_memory_bytes()));
  memory_limit_.Set(static_cast<double>(cgroup_memory_limit()));
  cpu_.Increment(std::max(process_cpu_seconds() - cpu_.Value(), 0.0));
  const file_counts files = process_files();
  open_files_.Set(static_cast<double>(files.open));
  max_files_.Set(static_cast<double>(files.most));
  if (data_folder_.empty()) {
    return;
  }
  std::error_code failed;
  const auto space = std::filesystem::space(data_folder_, failed);
  if (!failed) {
    disk_free_.Add({{"path", data_folder_.string()}}).Set(static_cast<double>(space.available));
    disk_size_.Add({{"path", data_folder_.string()}}).Set(static_cast<double>(space.capacity));
  }
}

}  // namespace stayler::adapters
