// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/reply_promise.hpp"
#include "policies/nodes/reconnect_backoff.hpp"
#include "messages/protocol.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
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

/// The link's own timers, beside its public interface. The numbers are those of lost links.
using coordinator_link_impl = coordinator_link_actor::extend<
    /// Time to look for a coordinator again.
    caf::reacts_to<caf::connect_atom>,
    /// Time to say that this node lives.
    caf::reacts_to<caf::tick_atom, std::uint64_t>,
    /// No coordinator was found for as long as a lease lasts.
    caf::reacts_to<abort_atom, std::uint64_t>,
    /// The drain has had its time, and then its grace.
    caf::reacts_to<drain_atom>,
    caf::reacts_to<release_atom>>;

/// A node's side of its coordinator. It looks for one for ever, at each address in turn; belongs to
/// one at a time; and when that one is lost keeps its workers at work for the length of a lease,
/// for the next coordinator may let them go on: the lease is the store's, not a coordinator's.
class coordinator_link_state {
 public:
  static inline const char* name = "coordinator_link";

  using pointer = coordinator_link_impl::stateful_pointer<coordinator_link_state>;

  void begin(pointer self, coordinator_link_options options);

  // What the node's workers say.
  void join(const std::string& slot, worker_actor worker);
  bool leave(const std::string& slot);
  caf::result<unit_value> finish(const attempt_id& attempt, const attempt_outcome& outcome);
  /// Passes the request on, once there is a coordinator.
  template <class Answer, class... Args>
  caf::result<Answer> pass_on(const Args&... args);

  /// Passes on what is not answered. Where no coordinator is there nobody has to know: permits
  /// ended with the connection.
  template <class... Args>
  void tell(const Args&... args) {
    if (gateway_) {
      self_->send(gateway_, args...);
    }
  }

  // What the coordinator says.
  void assign(const std::string& slot, job& leased);
  void cancel(const attempt_id& attempt);
  void drop(const attempt_id& attempt);
  void release(const std::string& slot);

  // What the supervisor and health ask.
  caf::result<unit_value> drain(milliseconds timeout);
  [[nodiscard]] caf::result<link_status> report_status() const;

  // Timers.
  void connect();
  void ping(std::uint64_t number);
  void end_grace(std::uint64_t number);
  void drain_deadline();
  void say_goodbye();

 private:
  struct slot {
    worker_actor worker;
    std::optional<attempt_id> attempt;  ///< what it works on
    bool is_announced = false;          ///< the coordinator has it
  };

  template <class Answer>
  using on_answer = std::function<void(result<Answer>)>;
  using on_failure = std::function<void(const failure&)>;

  /// Whether a request may be made twice: the store knows a repetition by the attempt's token.
  enum class repeatable : bool { no, yes };

  /// A request that waits for a coordinator, or for its answer.
  struct errand {
    std::function<void()> send;
    on_failure fail;
    repeatable again = repeatable::yes;
  };

  void say_hello(const caf::actor& port);
  void joined(const node_welcome& welcome, const caf::actor& gateway);
  void try_again(const caf::error& why);
  void lost(const std::string& why);
  void announce(const std::string& slot_name, slot& free);
  void worker_down(const caf::down_msg& down);
  void became_idle(const attempt_id& attempt);
  slot* slot_of(const attempt_id& attempt);
  /// Asks the coordinator now.
  template <class Answer, class... Args>
  void ask(repeatable again, on_answer<Answer> told, const Args&... args);
  /// Asks the coordinator, or the next one.
  template <class Answer, class... Args>
  void ask_in_time(repeatable again, on_answer<Answer> told, const Args&... args);
  void slot_gone(const std::string& slot_name, const failure& why);
  [[nodiscard]] std::uint32_t busy() const;
  void end_drain_if_idle();
  void tell_metrics(link_report news);

  pointer self_ = nullptr;
  coordinator_link_options options_;
  std::map<std::string, slot> slots_;
  node_gateway_actor gateway_;  ///< null: no coordinator
  node_welcome welcome_;        ///< of the last one
  std::uint64_t number_ = 0;    ///< of this link, or of the one that was lost last
  bool has_grace_ = false;      ///< the last coordinator was lost a short while ago
  policies::reconnect_backoff backoff_;
  std::string last_refusal_;
  std::map<std::uint64_t, errand> sent_;
  std::map<std::uint64_t, errand> waiting_;
  std::map<std::string, failure> gone_;  ///< slots that the next coordinator takes for there
  std::uint64_t last_errand_ = 0;
  bool is_draining_ = false;
  bool has_left_ = false;
  std::vector<reply_promise<unit_value>> drain_answers_;
};

coordinator_link_impl::behavior_type coordinator_link(
    coordinator_link_state::pointer self, coordinator_link_options options
);

}  // namespace stayler::actors
