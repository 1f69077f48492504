// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/metrics_registry.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct metrics_options {
  std::shared_ptr<adapters::metrics_registry> registry;
};

struct metrics_state {
  const char* name = "metrics";
};

/// Counts in the registry what it is told. A registry that outlives the actor keeps the counters
/// over a restart.
metrics_actor::behavior_type metrics(
    metrics_actor::stateful_pointer<metrics_state> self, metrics_options options
);

}  // namespace stayler::actors
