// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/latency_window.hpp"
#include "messages/service/status.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// The latencies of the last minutes for each stage of a job, for its wait in the queue, and in
/// all.
class stage_latencies {
 public:
  /// A stage that is none of those is left out.
  void observe(std::string_view stage, std::chrono::microseconds took);

  [[nodiscard]] std::vector<stage_latency> quantiles() const;

 private:
  struct named_window {
    std::string name;
    std::unique_ptr<latency_window> window = std::make_unique<latency_window>();
  };

  std::array<named_window, 8> windows_{
      {{"queue_wait"},
       {"downloading"},
       {"converting"},
       {"processing"},
       {"uploading"},
       {"recording"},
       {"notifying"},
       {"total"}}};
};

}  // namespace stayler::adapters
