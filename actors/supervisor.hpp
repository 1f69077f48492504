// SPDX-License-Identifier: MIT
#pragma once

#include "actors/answer.hpp"
#include "actors/directory.hpp"
#include "actors/restart_window.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace stayler::actors {

/// How one core actor is started, and what must be restarted with it.
struct child_spec {
  std::string name;
  std::vector<std::string> depends_on;  ///< restarted whenever one of these is; listed before it
  bool flush_first = false;             ///< on shutdown, asked to flush before it is told to end
  milliseconds stop_timeout{5'000};     ///< for the flush and for the end, then it is killed
  /// Spawns the actor and enters its handle into the directory.
  std::function<caf::actor(caf::actor_system&, directory&, const settings&)> start;
};

/// The supervision tree as data: core actors in the order of their start (shutdown is the reverse),
/// and below them the workers.
struct service_tree {
  std::vector<child_spec> core;
  std::vector<std::string> workers_depend_on;
  std::function<caf::actor(
      caf::actor_system&, const directory&, const settings&, const std::string& worker_id
  )>
      start_worker;
};

struct supervisor_options {
  service_tree tree;
  settings config;
  std::shared_ptr<const adapters::wall_clock> clock;
  std::size_t max_restarts = 10;  ///< more than that within the window end the service
  milliseconds restart_window{60'000};
  bool dispatch_at_start = true;
};

/// The supervisor's own messages, beside its public interface.
using supervisor_impl = supervisor_actor::extend<
    /// The child of that address was told to end and has had its time.
    caf::reacts_to<abort_atom, caf::actor_addr>>;

/// Starts, watches, restarts and stops the tree. A child that fails is restarted together with
/// those that depend on it (rest-for-one along declared dependencies); too many restarts end the
/// service with an error instead of spinning.
class supervisor_state {
 public:
  static inline const char* name = "supervisor";

  using pointer = supervisor_impl::stateful_pointer<supervisor_state>;

  void begin(pointer self, supervisor_options options);

  caf::result<unit_value> start();
  caf::result<unit_value> drain(milliseconds timeout);
  caf::result<unit_value> shut_down(milliseconds timeout);
  caf::result<std::vector<worker_status>> list_workers();
  [[nodiscard]] const settings& config() const { return options_.config; }
  settings_update change_settings(const std::vector<settings_change>& changes);
  caf::result<unit_value> inject_fault(const std::string& child);
  void watch(caf::actor watcher);
  void end_overdue(const caf::actor_addr& child);

 private:
  struct child {
    caf::actor handle;         ///< null: not running
    bool is_ending = false;    ///< was told to end, at once
    bool is_retiring = false;  ///< was told to end after its job
    std::uint32_t restarts = 0;
    timestamp started_at;
  };

  enum class phase { up, stopping };

  void core_down(const std::string& child_name, const caf::error& reason);
  void worker_down(const std::string& child_name, const caf::error& reason);
  bool may_restart(const std::string& child_name, const caf::error& reason);
  void escalate(const std::string& child_name);

  void start_missing();
  void start_core(const child_spec& spec);
  void rescale();
  void publish();

  void end_dependents_of(const std::string& child_name);
  bool end_workers();
  void end(child& ending, milliseconds timeout);
  void flush_and_end(const child_spec& spec);
  void stop_everything();
  void end_next();
  [[nodiscard]] bool is_core_ending() const;

  pointer self_ = nullptr;
  supervisor_options options_;
  restart_window window_{0, milliseconds{0}};
  phase phase_ = phase::up;
  bool should_dispatch_ = false;
  bool has_failed_ = false;
  directory directory_;
  std::map<std::string, child> core_;
  std::map<std::string, child> workers_;
  std::vector<caf::actor> watchers_;
  std::vector<owed_answer<unit_value>> shutdown_answers_;
};

supervisor_impl::behavior_type supervisor(
    supervisor_state::pointer self, supervisor_options options
);

}  // namespace stayler::actors
