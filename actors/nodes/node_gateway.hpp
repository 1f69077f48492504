// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/reply_promise.hpp"
#include "adapters/quarantine/quarantines.hpp"
#include "messages/protocol.hpp"
#include "policies/nodes/held_attempts.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace stayler::actors {

/// A gateway takes in nodes that speak this protocol, or one of those up to node_protocol.
inline constexpr std::uint32_t oldest_node_protocol = 4;

struct node_gateway_options {
  std::string coordinator;  ///< this host, as nodes log it
  std::string version;      ///< of this program, for nodes that are refused
  settings config;
  queue_actor queue;
  record_io_actor records;
  notifier_actor notifier;
  call_limits_actor limits;  ///< for the calls of all nodes
  metrics_actor metrics;
  node_identity_actor identities;  ///< null: names are not compared with certificates
  std::shared_ptr<adapters::quarantines> quarantines;  ///< null: there are none
  milliseconds lease{30'000};
  milliseconds ping_interval{2'000};
  milliseconds check_interval{1'000};
};

/// The gateway's own timer, beside its public interface.
using node_gateway_impl = node_gateway_actor::extend<
    /// Time to look for nodes that have become silent.
    caf::reacts_to<check_nodes_atom>>;

/// A coordinator's side of its nodes. A node joins with a hello, is here for as long as it is
/// connected and pings, and leaves or is lost. For each of its slots there is a remote_worker,
/// which the queue treats as one of its own workers; what the node says of its attempts is passed
/// on. The gateway asks and answers itself, so that nodes learn of no other actor, and asks in the
/// name of the node for permits: it gives them back when the node is gone. Never blocks.
class node_gateway_state {
 public:
  static inline const char* name = "node_gateway";

  using pointer = node_gateway_impl::stateful_pointer<node_gateway_state>;

  void begin(pointer self, node_gateway_options options);
  node_gateway_impl::behavior_type make_behavior();

 private:
  using clock_time = caf::actor_clock::time_point;

  struct node {
    node_hello hello;
    node_link_actor link;
    std::map<std::string, worker_actor> slots;
    policies::held_attempts attempts;
    clock_time last_seen;
  };

  using nodes = std::map<std::string, node>;

  /// A hello, whose name is looked up, and whose attempts the queue is asked to adopt; it is
  /// answered when all are decided.
  struct pending_join {
    caf::typed_response_promise<node_welcome, caf::actor> promise;
    node_hello hello;
    caf::actor link;
    std::size_t undecided = 1;  ///< attempts, and the hello itself
    caf::error error;           ///< the queue could not be asked: the node has to come again
  };
  using pending_join_ptr = std::shared_ptr<pending_join>;

  caf::result<node_welcome, caf::actor> join(node_hello& hello, const caf::actor& link);
  void take_in(const pending_join_ptr& pending);
  void refuse(const pending_join_ptr& pending, const failure& why);
  void add_slot(const uuid& instance, const std::string& slot);
  void remove_slot(const uuid& instance, const std::string& slot, const failure& why);
  void take_back(const uuid& instance, const attempt_id& attempt);
  void begin_attempt(const attempt_id& attempt);
  void drain(const uuid& instance);
  unit_value leave(const uuid& instance);
  caf::result<unit_value> on_ping(const uuid& instance);
  void change_settings(settings& changed);
  void check_nodes();
  void on_link_down(const caf::down_msg& down);

  [[nodiscard]] failure reason_to_refuse(const node_hello& hello) const;
  /// Whether a node may have that name, as far as quarantines go.
  [[nodiscard]] bool may_be_called(const std::string& wanted) const;
  void set_link(node& of, const caf::actor& link);
  worker_actor make_worker(const node& of, const std::string& slot, bool is_adopted);
  void adopt(
      node& by,
      const node_attempt& held,
      const worker_actor& predecessor,
      const pending_join_ptr& pending
  );
  void on_adopted(const node_attempt& held, const pending_join_ptr& pending);
  void on_not_adopted(
      const node_attempt& held,
      const worker_actor& worker,
      const pending_join_ptr& pending,
      const caf::error& error
  );
  void on_decided(const pending_join_ptr& pending);

  nodes::iterator find(const uuid& instance);
  /// The node whose link has sent the message that is being handled; null: none has.
  const node* find_sender() const;
  void give_permits_back(const node& of);
  void lose(nodes::iterator lost, const std::string& why);
  void remove(nodes::iterator gone, const failure& why);
  void end_worker(const worker_actor& worker, const failure& why);
  /// What has happened to that node; quarantines are none in the metrics.
  void report_metrics(const std::string& about, node_report news);

  /// A handler that asks that actor what a node asks, where the node may ask for it.
  template <class Answer, class Atom, class Subject, class... Args, class Actor>
  auto pass_on(const Actor& receiver);

  /// The same for what is not answered.
  template <class Atom, class Subject, class Actor>
  auto send_to(const Actor& receiver);

  pointer self_ = nullptr;
  node_gateway_options options_;
  nodes nodes_;  ///< by name
  clock_time last_check_;
};

node_gateway_impl::behavior_type node_gateway(
    node_gateway_state::pointer self, node_gateway_options options
);

}  // namespace stayler::actors
