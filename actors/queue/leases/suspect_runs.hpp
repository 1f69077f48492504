// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/leases/attempt_completer.hpp"
#include "actors/queue/queue_context.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace stayler::actors {

/// Has each suspect (messages/jobs/suspect.hpp) run alone, in a process that is started for it, a
/// quarantine, which joins as a node with one worker. So other jobs go on meanwhile, and it can be
/// told who was to blame when that process ends: nobody else was in it.
///
/// | the quarantine                           | the suspect                                  |
/// | ---------------------------------------- | -------------------------------------------- |
/// | has ended by itself                      | `worker_lost`, a dead letter                 |
/// | lives, but its worker has failed         | the same                                     |
/// | has ended with this process, or is cut   | runs alone again, after a growing pause:     |
/// | off                                      | policies/retry/retry_policy.hpp, decide_lost |
///
/// Where no quarantine can be started, suspects are given to any worker, after a few tries.
class suspect_runs {
 public:
  suspect_runs(queue_context& context, attempt_completer& attempts)
      : context_(context), attempts_(attempts) {}

  /// At the start: ends what an earlier queue of this process has left.
  void begin();

  /// What claims for other workers do with suspects.
  [[nodiscard]] adapters::store_op::suspect_rule rule_for_others() const;

  /// Suspects wait that a claim has left out: starts a quarantine, unless one is about to take them
  /// or there are as many as there may be.
  void on_waiting();

  /// Ends quarantines that have had their suspect, that nobody waits for any more, and those that
  /// never joined. Called with each dispatch.
  void end_unused();

  /// A quarantine's worker is gone, with the suspect whose lease it still held.
  void on_worker_lost(const std::string& quarantine, std::optional<job> held, const failure& why);

  /// The time to see what has become of that quarantine.
  void judge(const std::string& quarantine);

 private:
  using clock_time = caf::actor_clock::time_point;

  struct run {
    clock_time since;  ///< it was started, has joined, or was last seen at work
    bool has_joined = false;
    std::optional<job> lost{};  ///< the suspect whose fate is to be decided
    failure why{};              ///< as it was told
  };

  [[nodiscard]] bool is_used(const std::string& quarantine, run& one);
  [[nodiscard]] bool is_starting(const std::string& quarantine, const run& one);
  [[nodiscard]] bool has_room() const;
  void on_failed_start(const std::string& quarantine, const std::string& why);
  void forget(const std::string& quarantine);
  void blame(const job& suspect, const std::string& what_happened);

  queue_context& context_;
  attempt_completer& attempts_;
  std::map<std::string, run> runs_;  ///< by the quarantine's name
  std::uint32_t failed_starts_ = 0;  ///< in a row
  clock_time not_before_{};          ///< none is started, after too many of them
};

}  // namespace stayler::actors
