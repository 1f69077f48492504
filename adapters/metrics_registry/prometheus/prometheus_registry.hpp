// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/metrics_registry.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace stayler::adapters {

/// What a registry has to know of its process.
struct prometheus_options {
  std::string version;  ///< these three go into the build info
  std::string role;     ///< "all", "coordinator" or "worker"
  std::string revision;
  std::vector<std::string> models;    ///< of the provider, that may be asked
  std::filesystem::path data_folder;  ///< whose disk is watched; empty: none
};

/// A registry on prometheus-cpp. What alerts look for is there at 0 from the start.
std::unique_ptr<metrics_registry> make_prometheus_registry(const prometheus_options& options);

}  // namespace stayler::adapters
