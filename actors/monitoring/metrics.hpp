// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/metrics_registry.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct metrics_options {
  std::shared_ptr<adapters::metrics_registry> registry;
};

/// Counts in the registry what it is told. A registry that outlives the actor keeps the counters
/// over a restart.
class metrics_state {
 public:
  static inline const char* name = "metrics";

  using pointer = metrics_actor::stateful_pointer<metrics_state>;

  explicit metrics_state(pointer self) : self_(self) {}

  metrics_actor::behavior_type make_behavior(metrics_options options);

 private:
  /// A handler that counts such an event.
  template <class Event>
  auto count() {
    return [this](const Event& event) { options_.registry->count(event); };
  }

  pointer self_;
  metrics_options options_;
};

metrics_actor::behavior_type metrics(metrics_state::pointer self, metrics_options options);

}  // namespace stayler::actors
