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
    caf::reacts_to<orphaned_atom>>;

/// Stands for one worker of a node in the queue of its coordinator, and passes on to the node what
/// the queue tells it. What the node has to say comes in through the gateway, which also ends this
/// actor: with class worker_lost where the node is lost.
class remote_worker_state {
 public:
  static inline const char* name = "remote_worker";

  using pointer = remote_worker_impl::stateful_pointer<remote_worker_state>;

  /// Joins the queue, unless it is adopted.
  void begin(pointer self, remote_worker_options options);
  remote_worker_impl::behavior_type make_behavior();

 private:
  void assign(job& leased);
  void cancel(const attempt_id& attempt);
  void release();
  void retire();
  void change_settings(const settings& changed);
  void on_down(const caf::down_msg& down);
  void end_as_orphan();

  pointer self_ = nullptr;
  remote_worker_options options_;
  bool is_retiring_ = false;
};

remote_worker_impl::behavior_type remote_worker(
    remote_worker_state::pointer self, remote_worker_options options
);

}  // namespace stayler::actors
