// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "policies/supervision/restart_backoff.hpp"

#include <caf/all.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace stayler::actors {

/// One child of the supervisor, over all its lives.
///
///     waiting -> running -> (retiring ->) ending (-> killed) -> waiting
///                   |                                  |
///                   +-> backing off -> waiting         +-> abandoned, and replaced
///                   +-> finished
struct child {
  std::string name;
  bool is_worker = false;
  caf::actor handle;            ///< null: not running; the table sets it
  bool is_ending = false;       ///< was told to end, at once
  bool is_killed = false;       ///< has not ended in time, and was killed
  bool is_retiring = false;     ///< was told to end after its job
  bool is_backing_off = false;  ///< waits before it is started again
  bool is_finished = false;     ///< has ended, and its rule does not start it again
  std::uint32_t restarts = 0;
  policies::restart_backoff backoff;
  timestamp started_at;
  caf::actor_clock::time_point started;                   ///< the same, by the steady clock
  std::optional<caf::actor_clock::time_point> pinged_at;  ///< of a ping that is not answered yet
  std::uint64_t mailbox = 0;
  timestamp last_failure_at;
  std::string last_failure;
};

/// The children of the supervisor by name and by address, and the actors that were abandoned: stuck
/// in a handler, replaced, and not ended yet. References to a child stay valid until it is removed.
class child_table {
 public:
  using group = std::map<std::string, child>;

  /// The core actor, or worker, of that name: entered as one that does not run where it is new.
  child& core(const std::string& name);
  child& worker(const std::string& name);
  /// Of a worker that does not run.
  void remove_worker(const std::string& name) { workers_.erase(name); }

  /// The child, which did not run, runs from now on, or no longer.
  void set_running(child& started, caf::actor handle);
  void set_stopped(child& ended);

  [[nodiscard]] const group& core() const { return core_; }
  [[nodiscard]] const group& workers() const { return workers_; }
  [[nodiscard]] group& workers() { return workers_; }

  /// The child of that name; null where there is none.
  [[nodiscard]] child* find(const std::string& name);
  [[nodiscard]] child* find_worker(const std::string& name);
  /// The child that runs under that address; null where there is none.
  [[nodiscard]] child* find_running(const caf::actor_addr& address);

  /// Whether all these core actors run, and none of them was told to end.
  [[nodiscard]] bool are_running(const std::vector<std::string>& names) const;
  /// Whether a core actor was told to end and has not ended yet.
  [[nodiscard]] bool is_core_ending() const;

  /// The child no longer runs, and its actor counts as abandoned.
  void abandon(child& stuck);
  /// The name of the abandoned actor of that address, which has ended after all and is forgotten.
  std::optional<std::string> remove_abandoned(const caf::actor_addr& address);
  [[nodiscard]] std::size_t abandoned_count() const { return abandoned_.size(); }

 private:
  group core_;
  group workers_;
  std::unordered_map<caf::actor_addr, child*> running_;
  std::map<caf::actor_addr, std::string> abandoned_;  ///< names
};

}  // namespace stayler::actors
