// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/children/child_starter.hpp"
#include "actors/supervision/children/child_table.hpp"
#include "actors/supervision/children/child_terminator.hpp"
#include "actors/supervision/children/liveness_monitor.hpp"
#include "actors/supervision/live_settings.hpp"
#include "actors/supervision/supervision_tree.hpp"
#include "actors/supervision/supervisor_impl.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/service_manager/service_manager.hpp"
#include "policies/supervision/restart_window.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::actors {

struct supervisor_options {
  service_tree tree;
  settings config;
  std::shared_ptr<const adapters::wall_clock> clock;
  std::shared_ptr<adapters::service_manager> manager;  ///< who watches the process; may be null
  std::size_t max_restarts = 10;  ///< more than that within the window end the service
  milliseconds restart_window{60'000};
  milliseconds ping_interval{2'000};
  milliseconds worker_ping_timeout{10'000};
  std::uint32_t max_abandoned = 4;  ///< actors stuck at a time, each with a thread; one more ends
                                    ///< the service
  bool dispatch_at_start = true;
};

/// Starts, watches, restarts and stops the tree. A child that fails or does not answer is restarted
/// together with those that depend on it (rest-for-one along declared dependencies), after a pause
/// that grows; too many restarts end the service with an error instead of spinning.
class supervisor_state {
 public:
  static inline const char* name = "supervisor";

  using pointer = supervisor_impl::stateful_pointer<supervisor_state>;

  explicit supervisor_state(pointer self)
      : self_(self),
        starter_(self, directory_, children_),
        monitor_(self, children_),
        terminator_(self, children_) {}

  /// Starts the tree.
  supervisor_impl::behavior_type make_behavior(supervisor_options options);

 private:
  enum class phase { up, stopping };

  // The public interface, and the supervisor's own messages (supervisor.cpp).
  caf::result<unit_value> start();
  caf::result<unit_value> drain(milliseconds timeout);
  caf::result<std::vector<worker_status>> list_workers();
  tree_status report_status();
  settings current_settings() { return settings_.current(); }
  settings_update change_settings(const std::vector<settings_change>& changes);
  caf::result<unit_value> inject_fault(const std::string& child_name, milliseconds hang_for);
  void watch(caf::actor watcher);
  void end_backoff(const std::string& child_name);
  void check_children();
  void tell_manager();
  void start_missing();
  void check(child& asked, milliseconds timeout);

  // Failures and restarts (supervisor_failures.cpp).
  void child_down(const caf::down_msg& down);
  void core_down(child& ended, const caf::error& reason);
  void worker_down(child& ended, const caf::error& reason);
  void abandon(child& stuck, const std::string& why);
  /// Decides what becomes of a child that has ended; false where that ends the service.
  bool handle_failure(child& ended, restart_rule rule, const caf::error& reason);
  /// Why restarting does not help, if that is so. Counts the restart.
  std::optional<std::string> reason_to_give_up();
  void schedule_restart(child& ended);
  void escalate(const std::string& child_name, const std::string& why);

  // The end (supervisor_shutdown.cpp).
  caf::result<unit_value> shut_down(milliseconds timeout);
  void end_overdue(const caf::actor_addr& address);
  void stop_everything();
  void end_next();
  void flush_and_end(const child_spec& spec);

  pointer self_;
  supervisor_options options_;
  live_settings settings_{settings{}};
  policies::restart_window window_{0, milliseconds{0}};
  phase phase_ = phase::up;
  bool should_dispatch_ = false;
  bool has_failed_ = false;
  timestamp started_at_;
  directory directory_;
  child_table children_;
  child_starter starter_;
  liveness_monitor monitor_;
  child_terminator terminator_;
  std::vector<caf::actor> watchers_;
  std::vector<reply_promise<unit_value>> shutdown_answers_;
};

supervisor_impl::behavior_type supervisor(
    supervisor_state::pointer self, supervisor_options options
);

}  // namespace stayler::actors
