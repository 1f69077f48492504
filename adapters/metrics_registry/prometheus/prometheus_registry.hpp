// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/metrics_registry.hpp"

#include <memory>
#include <string>

namespace stayler::adapters {

/// A registry on prometheus-cpp. `version` goes into the build info metric.
std::unique_ptr<metrics_registry> make_prometheus_registry(const std::string& version);

}  // namespace stayler::adapters
