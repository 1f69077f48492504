// SPDX-License-Identifier: MIT
#pragma once

#include "actors/nodes/node_slots.hpp"
#include "actors/support/reply_promise.hpp"
#include "messages/protocol.hpp"
#include "policies/nodes/pending_requests.hpp"
#include "policies/nodes/reconnect_backoff.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stayler::actors {

struct coordinator_link_options {
  node_hello hello;  ///< without attempts
  node_connector_actor connector;
  metrics_actor metrics;
  milliseconds connect_timeout{20'000};
  milliseconds hello_timeout{15'000};
  milliseconds request_timeout{30'000};  ///< for what is passed on
};

/// The link's own timers, beside its public interface. The numbers name connections.
using coordinator_link_impl = coordinator_link_actor::extend<
    /// Time to look for a coordinator again.
    caf::reacts_to<find_coordinator_atom>,
    /// Time to ping the coordinator.
    caf::reacts_to<ping_coordinator_atom, std::uint64_t>,
    /// A lease's length has passed since that connection was lost.
    caf::reacts_to<end_reconnecting_atom, std::uint64_t>,
    /// The drain has had its time: the workers are to give their leases back.
    caf::reacts_to<release_workers_atom>,
    /// They have had time to do so.
    caf::reacts_to<say_goodbye_atom>>;

/// A node's side of its coordinator, of which it has one at a time:
///
///   connecting ---welcome---> connected ----lost----> reconnecting
///       ^                         ^                     |     |
///       |                         +-------welcome-------+     |
///       +------------- a lease's length has passed -----------+
///
///   each of these ---drained---> left
///
/// connecting:   looks for a coordinator at each address in turn, for ever: connects, says hello,
/// and
///               is welcome or tries again after a pause. Requests of the node's actors fail.
/// connected:    requests go to the coordinator, which is pinged.
/// reconnecting: looks for the next coordinator. Requests wait, and the workers go on, for the next
///               one may let them: the lease is the store's, not a coordinator's.
/// left:         has said goodbye; the node is about to end. Requests fail.
class coordinator_link_state {
 public:
  static inline const char* name = "coordinator_link";

  using pointer = coordinator_link_impl::stateful_pointer<coordinator_link_state>;

  /// Begins to look for a coordinator.
  void begin(pointer self, coordinator_link_options options);
  coordinator_link_impl::behavior_type make_behavior();

 private:
  enum class link_state : std::uint8_t { connecting, connected, reconnecting, left };

  void find_coordinator();
  void say_hello(const caf::actor& acceptor);
  void on_welcome(const node_welcome& welcome, const caf::actor& gateway);
  void on_not_welcome(const caf::error& error);
  void ping(std::uint64_t connection);
  void on_down(const caf::down_msg& down);
  void on_lost(const std::string& why);
  void end_reconnecting(std::uint64_t connection);

  void join(const std::string& slot, const worker_actor& worker);
  caf::result<unit_value> finish(const attempt_id& attempt, const attempt_outcome& outcome);

  /// A request to the coordinator, or to the next one.
  template <class Answer, class... Args>
  void request(
      bool is_repeatable, std::function<void(result<Answer>)> on_answer, const Args&... args
  );

  /// A handler that passes a message on as such a request.
  template <class Answer, class... Args>
  auto pass_on();

  /// The same for what is not answered. Where no coordinator is there nobody has to know: permits
  /// ended with the connection.
  template <class... Args>
  auto pass_on_if_connected();

  caf::result<unit_value> drain(milliseconds timeout);
  void release_workers();
  void leave_if_drained();
  void say_goodbye();

  [[nodiscard]] caf::result<link_status> report_status() const;
  [[nodiscard]] dispatch_status report_dispatch() const;
  void report_metrics(link_report news);

  pointer self_ = nullptr;
  coordinator_link_options options_;
  link_state state_ = link_state::connecting;
  node_gateway_actor gateway_;    ///< null unless connected
  node_welcome welcome_;          ///< the last one
  std::uint64_t connection_ = 0;  ///< the number of this one, or of the last
  policies::reconnect_backoff backoff_;
  std::string last_refusal_;  ///< why the last hello was in vain
  policies::pending_requests requests_;
  node_slots slots_;
  std::vector<reply_promise<unit_value>> drain_promises_;
};

coordinator_link_impl::behavior_type coordinator_link(
    coordinator_link_state::pointer self, coordinator_link_options options
);

}  // namespace stayler::actors
