// SPDX-License-Identifier: MIT
#pragma once

#include "actors/monitoring/readiness.hpp"
#include "actors/supervision/directory.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace stayler::actors {

struct health_options {
  directory parts;  ///< asked: all that is checked; an empty handle is still "starting"
  std::shared_ptr<adapters::wall_clock> clock;
  milliseconds max_age{1'000};   ///< of an answer
  milliseconds timeout{2'000};   ///< for one check
  milliseconds memory{300'000};  ///< how long a failure of the provider, or a receiver, counts
  std::uint32_t max_failed_deliveries = 3;       ///< in a row; from then on the receiver is away
  std::uint64_t max_open_notifications = 1'000;  ///< more than that is a heap
  milliseconds look_interval{15'000};            ///< at least so often, for the metrics
  /// Whether the process has started once; it outlives the actor.
  std::shared_ptr<std::atomic<bool>> has_started = std::make_shared<std::atomic<bool>>(false);
};

/// Asks the parts how they are and puts the answers together:
/// - the queue does not answer: unhealthy;
/// - storage, database or provider does not: degraded, for jobs wait and results are kept;
/// - the provider's last call failed by the provider's doing, a short while ago: degraded;
/// - its address, key or model does not work, or cannot be told to: degraded, before a job is lost;
/// - notifications fail again and again, pile up, or cannot be saved: degraded;
/// - no codec process can be started: degraded;
/// - a worker node has a coordinator instead of a queue: without one it is degraded.
/// Who is ready is another question: see readiness. The metrics are told what each round finds.
/// Who asks while a round of checks is under way gets its result; the parts are never asked twice
/// at a time. Handles change at restarts: the actor is to be restarted after those that it asks.
class health_actor_state {
 public:
  static inline const char* name = "health";

  using pointer = health_impl::stateful_pointer<health_actor_state>;

  explicit health_actor_state(pointer self) : self_(self), readiness_(self) {}

  health_impl::behavior_type make_behavior(health_options options);

 private:
  /// What is asked; the values number the names of the checks.
  enum class part : std::size_t {
    queue,
    storage,
    codec,
    database,
    gemini,
    provider_setup,
    notifications,
    coordinator
  };

  caf::result<health_report> report();
  caf::result<health_report> report_readiness();
  /// Looks once in each interval, whether or not somebody asks.
  void look();
  void start_round();
  void conclude_round();

  void check_readiness();
  /// What there is to ask, in the order in which a report lists it.
  [[nodiscard]] std::vector<part> parts() const;
  void check_part(part which);
  /// Asks one part. An answer means that the part is well, unless `judge_answer` says otherwise.
  template <class Answer, class Handle, class Atom, class Judge>
  void check(part which, const Handle& whom, Atom what, Judge judge_answer);
  void conclude_check(part which, caf::actor_clock::time_point since);
  void conclude_part();
  health_check& entry_of(part which);

  pointer self_;
  health_options options_;
  readiness readiness_;
  std::optional<health_report> last_;
  caf::actor_clock::time_point last_taken_;           ///< steady, unlike last_->at
  std::vector<reply_promise<health_report>> askers_;  ///< of the round that is under way
  health_report round_;
  std::size_t open_checks_ = 0;  ///< of the round; 0: none is under way
};

health_impl::behavior_type health(health_actor_state::pointer self, health_options options);

/// The whole from its checks: the worst of them, where only the queue can make it unhealthy or
/// starting.
health_state overall(const std::vector<health_check>& checks);

}  // namespace stayler::actors
