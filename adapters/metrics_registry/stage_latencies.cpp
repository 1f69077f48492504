// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/stage_latencies.hpp"

#include <algorithm>

namespace stayler::adapters {

void stage_latencies::observe(std::string_view stage, std::chrono::microseconds took) {
  const auto found = std::ranges::find(windows_, stage, &named_window::name);
  if (found != windows_.end()) {
    found->window->observe(took, std::chrono::steady_clock::now());
  }
}

std::vector<stage_latency> stage_latencies::quantiles() const {
  const auto now = std::chrono::steady_clock::now();
  std::vector<stage_latency> all;
  for (const auto& [name, window] : windows_) {
    all.push_back(
        {name, window->count(now), window->quantile_seconds(0.5, now),
         window->quantile_seconds(0.9, now), window->quantile_seconds(0.99, now)}
    );
  }
  return all;
}

}  // namespace stayler::adapters
