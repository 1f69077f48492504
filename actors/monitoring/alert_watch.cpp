// SPDX-License-Identifier: MIT
#include "actors/monitoring/alert_watch.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/tell.hpp"
#include "adapters/log/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::service::log;

/// How many of the newest notifications of a kind are looked through for those of this host.
constexpr std::uint32_t recalled = 100;

notification_filter last_of(std::string_view event) {
  notification_filter filter;
  filter.event = event;
  filter.limit = recalled;
  return filter;
}

/// What a receiver sees twice has the same id, also where two processes have told it.
notification to_notification(
    const policies::alert_change& change, const std::string& instance, timestamp now
) {
  notification told;
  told.event = change.is_firing ? alert_firing_event : alert_resolved_event;
  told.at = now;
  told.alert.name = to_string(change.kind);
  told.alert.summary = change.summary;
  told.alert.instance = instance;
  told.alert.since = change.since;
  told.event_id = fmt::format(
      "alert-{}-{}-{}-{}", told.alert.name, instance, change.since.time_since_epoch().count(),
      change.is_firing ? "firing" : "resolved"
  );
  return told;
}

}  // namespace

void alert_watch_state::recall() {
  const auto failed = [this](const caf::error&) { look(); };
  self_->request(options_.notifier, options_.timeout, list_atom_v, last_of(alert_firing_event))
      .then(
          [this, failed](notification_page& fired) {
            self_
                ->request(
                    options_.notifier, options_.timeout, list_atom_v, last_of(alert_resolved_event)
                )
                .then(
                    [this, fired = std::move(fired.notifications)](const notification_page& ended) {
                      resume(fired, ended.notifications);
                      look();
                    },
                    failed
                );
          },
          failed
      );
}

void alert_watch_state::resume(
    const std::vector<kept_notification>& fired, const std::vector<kept_notification>& resolved
) {
  for (const alert_kind kind : all_alert_kinds) {
    const auto is_ours = [&](const kept_notification& one) {
      const alert_notice& alert = one.event.alert;
      return alert.name == to_string(kind) && alert.instance == options_.instance;
    };
    const auto last = std::ranges::find_if(fired, is_ours);
    if (last == fired.end()) {
      continue;
    }
    const alert_notice& alert = last->event.alert;
    const bool has_ended = std::ranges::any_of(resolved, [&](const kept_notification& one) {
      return is_ours(one) && one.event.alert.since == alert.since;
    });
    if (!has_ended) {
      rules_.resume(kind, alert.summary, alert.since, self_->clock().now());
    }
  }
}

void alert_watch_state::look() {
  self_->delayed_send(self_, options_.interval, look_atom_v);
  judge();
  facts_ = {};
  ask_queue();
  ask_limits();
  ask_notifier();
}

void alert_watch_state::judge() {
  const auto changes = rules_.update(facts_, self_->clock().now(), options_.clock->now());
  std::ranges::for_each(changes, [this](const auto& change) { announce(change); });
}

// A store that is away would find as many questions when it is back as rounds have passed.
void alert_watch_state::ask_queue() {
  if (std::exchange(is_queue_asked_, true)) {
    return;
  }
  self_->request(options_.queue, caf::infinite, status_atom_v)
      .then(
          [this](const queue_status& now) {
            is_queue_asked_ = false;
            facts_.full_store_errors = now.full_store_errors;
            is_reaper_ = now.is_reaper;
            if (is_reaper_) {
              facts_.pending = now.counts.pending;
              facts_.workers =
                  std::max<std::uint64_t>(facts_.workers.value_or(0), now.workers.size());
            }
          },
          [this](const caf::error&) { is_queue_asked_ = false; }
      );
}

void alert_watch_state::ask_limits() {
  self_->request(options_.limits, options_.interval, status_atom_v)
      .then(
          [this](const provider_status& now) {
            facts_.refused_keys = now.refused_keys;
            facts_.refusal = to_string(now.last_refusal);
            if (is_reaper_) {
              facts_.breaker = now.breaker;
            }
            facts_.workers =
                std::max<std::uint64_t>(facts_.workers.value_or(0), now.workers_of_all);
          },
          [](const caf::error&) {}
      );
}

void alert_watch_state::ask_notifier() {
  self_->request(options_.notifier, options_.interval, status_atom_v)
      .then(
          [this](const notification_status& now) {
            facts_.open_notifications = now.open;
            facts_.given_up_notifications = now.given_up;
          },
          [](const caf::error&) {}
      );
}

void alert_watch_state::announce(const policies::alert_change& change) {
  if (change.is_firing) {
    log.error("alert", {{"alert", to_string(change.kind)}, {"summary", change.summary}});
  } else {
    log.info("alert is over", {{"alert", to_string(change.kind)}, {"summary", change.summary}});
  }
  if (options_.notifies) {
    notify(change);
  }
}

void alert_watch_state::notify(const policies::alert_change& change) {
  if (change.kind != alert_kind::notifications_stuck) {
    tell(
        options_.notifier, notify_atom_v,
        to_notification(change, options_.instance, options_.clock->now())
    );
  }
}

void alert_watch_state::adopt(const settings& changed) {
  if (!std::exchange(options_.notifies, changed.alerts) && changed.alerts) {
    std::ranges::for_each(rules_.firing(), [this](const auto& alert) { notify(alert); });
  }
}

alert_watch_actor::behavior_type alert_watch_state::make_behavior(alert_watch_options options) {
  install_supervision(self_);
  options_ = std::move(options);
  recall();
  return {
      handle<look_atom>(*this, &alert_watch_state::look),
      handle<settings_atom>(*this, &alert_watch_state::adopt),
  };
}

alert_watch_actor::behavior_type alert_watch(
    alert_watch_state::pointer self, alert_watch_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
