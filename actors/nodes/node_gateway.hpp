// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"

#include <map>
#include <memory>
#include <string>

namespace stayler::actors {

struct node_gateway_options {
  std::string coordinator;  ///< this host, as nodes log it
  std::string version;      ///< of this program; nodes have the same
  settings config;
  queue_actor queue;
  record_io_actor records;
  notifier_actor notifier;
  call_limits_actor limits;  ///< for the calls of all nodes
  metrics_actor metrics;
  milliseconds lease{30'000};
  milliseconds ping_interval{2'000};
  milliseconds look_interval{1'000};
};

/// The gateway's own timer, beside its public interface.
using node_gateway_impl = node_gateway_actor::extend<
    /// Time to look for nodes that have become silent.
    caf::reacts_to<caf::tick_atom>>;

/// Takes nodes in and gives them up. For each worker of a node there is a remote_worker, which the
/// queue treats as its own; what the node says of its attempts is passed on. Never blocks.
class node_gateway_state {
 public:
  static inline const char* name = "node_gateway";

  using pointer = node_gateway_impl::stateful_pointer<node_gateway_state>;

  void begin(pointer self, node_gateway_options options);

  caf::result<node_welcome, caf::actor> take_in(node_hello& hello, const caf::actor& link);
  void slot_joined(const uuid& incarnation, const std::string& slot);
  void slot_left(const uuid& incarnation, const std::string& slot, const failure& why);
  void drain(const uuid& incarnation);
  unit_value leave(const uuid& incarnation);
  caf::result<unit_value> hear(const uuid& incarnation);
  void change_settings(settings& changed);
  void look_for_silent();

  [[nodiscard]] const node_gateway_options& options() const noexcept { return options_; }

 private:
  using clock_time = caf::actor_clock::time_point;

  struct node {
    node_hello hello;
    node_link_actor link;
    std::map<std::string, worker_actor> slots;
    clock_time heard;
  };

  using nodes = std::map<std::string, node>;

  /// A node whose attempts are being adopted; it is answered when the last one is decided.
  struct admission {
    caf::typed_response_promise<node_welcome, caf::actor> answer;
    uuid incarnation;
    std::size_t open = 1;
    caf::error trouble;  ///< the queue could not be asked: the node has to come again
  };
  using admission_ptr = std::shared_ptr<admission>;

  [[nodiscard]] failure objection(const node_hello& hello) const;
  nodes::iterator find(const uuid& incarnation);
  worker_actor make_worker(const node& of, const std::string& slot, bool is_adopted);
  void renew_link(node& of, const caf::actor& link);
  void adopt(
      node& by,
      const node_attempt& held,
      const worker_actor& predecessor,
      const admission_ptr& under_way
  );
  void refuse_attempt(
      const node_attempt& held,
      const worker_actor& worker,
      const admission_ptr& under_way,
      const caf::error& why
  );
  void conclude_one(const admission_ptr& under_way);
  void end_worker(const worker_actor& worker, const failure& why);
  void link_down(const caf::down_msg& down);
  void give_up(nodes::iterator lost, const std::string& why);
  void forget(nodes::iterator gone, const failure& why);
  void tell_metrics(node_report news);

  pointer self_ = nullptr;
  node_gateway_options options_;
  nodes nodes_;  ///< by name
  clock_time last_look_;
};

node_gateway_impl::behavior_type node_gateway(
    node_gateway_state::pointer self, node_gateway_options options
);

}  // namespace stayler::actors
