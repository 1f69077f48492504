// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/reply_promise.hpp"
#include "policies/supervision/restart_backoff.hpp"
#include "policies/supervision/restart_window.hpp"
#include "actors/supervision/supervision_tree.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::actors {

struct supervisor_options {
  service_tree tree;
  settings config;
  std::shared_ptr<const adapters::wall_clock> clock;
  std::size_t max_restarts = 10;  ///< more than that within the window end the service
  milliseconds restart_window{60'000};
  milliseconds ping_interval{2'000};
  milliseconds worker_ping_timeout{10'000};
  std::uint32_t max_written_off = 4;  ///< actors stuck at a time, each with a thread; one more ends
                                      ///< the service
  bool dispatch_at_start = true;
};

/// The supervisor's own messages, beside its public interface.
using supervisor_impl = supervisor_actor::extend<
    /// The child of that address was told to end, or killed, and has had its time.
    caf::reacts_to<abort_atom, caf::actor_addr>,
    /// A child has waited long enough after its failure: start what is missing.
    caf::reacts_to<retry_atom, std::string>,
    /// Time to ask the children whether they live.
    caf::reacts_to<caf::tick_atom>>;

/// Starts, watches, restarts and stops the tree. A child that fails or does not answer is restarted
/// together with those that depend on it (rest-for-one along declared dependencies), after a pause
/// that grows; too many restarts end the service with an error instead of spinning.
class supervisor_state {
 public:
  static inline const char* name = "supervisor";

  using pointer = supervisor_impl::stateful_pointer<supervisor_state>;

  void begin(pointer self, supervisor_options options);

  caf::result<unit_value> start();
  caf::result<unit_value> drain(milliseconds timeout);
  caf::result<unit_value> shut_down(milliseconds timeout);
  caf::result<std::vector<worker_status>> list_workers();
  [[nodiscard]] tree_status describe_tree();
  [[nodiscard]] const settings& config() const { return options_.config; }
  settings_update change_settings(const std::vector<settings_change>& changes);
  caf::result<unit_value> inject_fault(const std::string& child, milliseconds hang_for);
  void watch(caf::actor watcher);
  void end_overdue(const caf::actor_addr& child);
  void end_pause(const std::string& child_name);
  void check_children();

 private:
  using clock_time = caf::actor_clock::time_point;

  struct child {
    caf::actor handle;            ///< null: not running
    bool is_ending = false;       ///< was told to end, at once
    bool is_killed = false;       ///< has not ended in time, and was told to end otherwise
    bool is_retiring = false;     ///< was told to end after its job
    bool is_backing_off = false;  ///< waits before it is started again
    bool is_finished = false;     ///< has ended, and its rule does not start it again
    std::uint32_t restarts = 0;
    policies::restart_backoff backoff;
    timestamp started_at;
    clock_time started;
    std::optional<clock_time> asked_at;  ///< a ping that is not answered yet
    std::uint64_t mailbox = 0;
    timestamp last_failure_at;
    std::string last_failure;
  };

  using children = std::map<std::string, child>;

  enum class phase { up, stopping };

  // Failures and restarts (supervisor.cpp).
  void child_down(const caf::down_msg& down);
  void core_down(const std::string& child_name, const caf::error& reason);
  void worker_down(const std::string& child_name, const caf::error& reason);
  /// Decides what becomes of a child that has ended; false where that ends the service.
  bool plan_restart(
      const std::string& child_name, child& ended, restart_rule rule, const caf::error& reason
  );
  void escalate(const std::string& child_name, const std::string& why);
  void start_missing();
  void start_core(const child_spec& spec);
  void start_worker(const std::string& worker_id, child& slot);
  void begin_life(child& started, caf::actor handle);
  void rescale();
  void retire_surplus();
  void publish();
  [[nodiscard]] const child_spec& spec_of(const std::string& child_name) const;
  [[nodiscard]] bool are_running(const std::vector<std::string>& names) const;
  [[nodiscard]] bool is_core_ending() const;

  // Pings and the tree's description (supervisor_watch.cpp).
  void check_child(const std::string& child_name, child& asked, milliseconds timeout);
  void ping(child& asked);
  void on_ping_reply(const caf::actor_addr& address, std::uint64_t mailbox);
  void abandon(const std::string& child_name, child& stuck, const std::string& why);
  void on_stuck_actor_returned(const std::string& child_name);
  void tell_metrics();
  [[nodiscard]] child_status describe_child(const std::string& child_name, const child& one) const;

  // The end (supervisor_shutdown.cpp).
  void end_dependents_of(const std::string& child_name);
  bool end_workers();
  void end(child& ending, milliseconds timeout);
  [[nodiscard]] milliseconds hurried(milliseconds timeout) const;
  void flush_and_end(const child_spec& spec);
  void stop_everything();
  void end_next();

  pointer self_ = nullptr;
  supervisor_options options_;
  policies::restart_window window_{0, milliseconds{0}};
  phase phase_ = phase::up;
  bool should_dispatch_ = false;
  bool has_failed_ = false;
  timestamp started_at_;
  clock_time last_look_;
  std::map<caf::actor_addr, std::string> stuck_;  ///< written off, and not yet back: their names
  directory directory_;
  children core_;
  children workers_;
  std::vector<caf::actor> watchers_;
  std::vector<reply_promise<unit_value>> shutdown_answers_;
};

supervisor_impl::behavior_type supervisor(
    supervisor_state::pointer self, supervisor_options options
);

}  // namespace stayler::actors
