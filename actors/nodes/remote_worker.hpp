// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

#include <string>

namespace stayler::actors {

struct remote_worker_options {
  std::string worker_id;  ///< as the queue knows it
  std::string slot;       ///< as the node knows it
  queue_actor queue;
  node_link_actor link;
  node_gateway_actor gateway;
  milliseconds job_timeout{600'000};   ///< for jobs that bring none
  milliseconds orphan_grace{10'000};   ///< without its gateway; then another one has taken over
  milliseconds queue_timeout{60'000};  ///< for its answers
  bool is_adopted = false;             ///< the queue learns of it by other means
};

/// A remote worker's own timer, beside its public interface.
using remote_worker_impl = worker_actor::extend<
    /// The gateway has been gone for too long.
    caf::reacts_to<caf::tick_atom>>;

struct remote_worker_state {
  static inline const char* name = "remote_worker";

  remote_worker_options options;
  bool is_retiring = false;
};

/// Stands for one worker of a node in the queue of its coordinator, and passes on to the node what
/// the queue tells it. What the node has to say comes in through the gateway, which also ends this
/// actor: with class worker_lost where the node is lost.
remote_worker_impl::behavior_type remote_worker(
    remote_worker_impl::stateful_pointer<remote_worker_state> self, remote_worker_options options
);

}  // namespace stayler::actors
