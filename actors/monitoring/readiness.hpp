// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/directory.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace stayler::actors {

/// The health actor's own timer, beside its public interface.
using health_impl = health_actor::extend<
    /// Time to look, so that the metrics know.
    caf::reacts_to<check_health_atom>>;

struct readiness_options {
  directory parts;  ///< asked: dispatch and images; an empty handle is still "starting"
  std::shared_ptr<adapters::wall_clock> clock;
  milliseconds max_age{1'000};  ///< of an answer
  milliseconds timeout{1'000};  ///< for one part; less than probes wait
  /// Set for good by the first start; it outlives the actor.
  std::shared_ptr<std::atomic<bool>> has_started = std::make_shared<std::atomic<bool>>(false);
};

/// Whether this process has started once, and whether it is ready. Both are its own affair: what
/// all processes of the service share (the job store, a node's coordinator) has to have answered
/// once, and is not looked at after that. If it were, its outage would take all of them out of
/// service together, and callers would not even get a 503 that says when to come back.
///
/// started: the job store has answered, or a node has joined a coordinator, once.
/// ready:   started, neither stopped nor draining, and codec processes are to be had.
class readiness {
 public:
  using on_report = std::function<void(const health_report&)>;

  explicit readiness(health_impl::pointer self) : self_(self) {}

  void begin(readiness_options options) { options_ = std::move(options); }

  /// Calls `done` with a report whose checks are those of these parts alone; now, or within the
  /// timeout. Whoever asks while a round is under way gets its result.
  void ask(on_report done);

 private:
  void start_round();
  void ask_dispatch();
  void ask_codec();
  void conclude_check();

  /// Who gives out jobs, and who has pictures decoded.
  health_check& dispatch() { return round_.checks.front(); }
  health_check& codec() { return round_.checks.back(); }

  health_impl::pointer self_;
  readiness_options options_;
  std::optional<health_report> last_;
  caf::actor_clock::time_point last_taken_;
  std::vector<on_report> askers_;  ///< of the round that is under way
  health_report round_;
  dispatch_status dispatch_status_;
  std::size_t open_checks_ = 0;
};

}  // namespace stayler::actors
