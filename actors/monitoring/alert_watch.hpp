// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"
#include "policies/alerting/alert_rules.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::actors {

struct alert_watch_options {
  queue_actor queue;
  provider_limits_actor limits;
  notifier_actor notifier;
  std::shared_ptr<const adapters::wall_clock> clock;
  std::string instance;  ///< this host's name, as operators know it
  bool notifies = true;  ///< the application; otherwise the log alone says it
  milliseconds interval{5'000};
  milliseconds timeout{5'000};  ///< for what the outbox has of earlier alerts
};

using alert_watch_actor = caf::typed_actor<
    /// Time to look again.
    caf::reacts_to<look_atom>,
    caf::reacts_to<settings_atom, settings>>;

/// Alerts those who have no Prometheus: looks every few seconds how the service stands, logs what
/// alerts begin and end, and has the notifier tell the application, but not of notifications that
/// are stuck. What concerns all coordinators the reaper alone looks at. Which alerts fire it knows
/// over restarts by what the outbox has.
class alert_watch_state {
 public:
  static inline const char* name = "alert_watch";

  using pointer = alert_watch_actor::stateful_pointer<alert_watch_state>;

  explicit alert_watch_state(pointer self) : self_(self) {}

  alert_watch_actor::behavior_type make_behavior(alert_watch_options options);

 private:
  /// Asks the outbox which alerts an earlier process has told of.
  void recall();
  void resume(
      const std::vector<kept_notification>& fired, const std::vector<kept_notification>& resolved
  );

  /// Judges what the last round has found, and begins another.
  void look();
  void judge();
  void ask_queue();
  void ask_limits();
  void ask_notifier();

  /// Whether the application is told: of what fires already, too, when that is switched on.
  void adopt(const settings& changed);

  void announce(const policies::alert_change& change);
  void notify(const policies::alert_change& change);

  pointer self_;
  alert_watch_options options_;
  policies::alert_rules rules_;
  policies::alert_facts facts_;  ///< of the round that is under way
  bool is_queue_asked_ = false;  ///< and has not answered
  bool is_reaper_ = false;       ///< this coordinator, as the queue said last
};

alert_watch_actor::behavior_type alert_watch(
    alert_watch_state::pointer self, alert_watch_options options
);

}  // namespace stayler::actors
