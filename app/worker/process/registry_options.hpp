// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/prometheus/prometheus_registry.hpp"
#include "messages/service/settings.hpp"

namespace stayler::app {

/// Of the sources, as far as the build knew it.
extern const char* const source_revision;

/// What the metrics have to know of this process and of the program that runs here.
adapters::prometheus_options registry_options_from(const settings& config);

}  // namespace stayler::app
