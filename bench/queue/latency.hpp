// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_store.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace stayler::bench {

struct latency_figures {
  double p50_ms = 0;
  double p99_ms = 0;
};

latency_figures figures_of(std::vector<double> took_ms);

/// From the moment at which a job is sent to the queue actor to the moment at which a free worker
/// has it, at that many jobs a second.
latency_figures measure_start_latency(
    std::shared_ptr<adapters::job_store> store, int jobs_per_second, std::chrono::seconds length
);

}  // namespace stayler::bench
