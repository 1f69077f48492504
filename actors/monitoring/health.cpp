// SPDX-License-Identifier: MIT
#include "actors/monitoring/health.hpp"

#include "actors/supervision/supervised.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::actors {

namespace {

using self_pointer = health_actor::stateful_pointer<health_actor_state>;

/// The parts, in the order in which a report lists them.
enum part : std::size_t { queue, storage, codec, database, gemini, notifications, coordinator };
constexpr std::array<std::string_view, 7> part_names{
    "queue", "storage", "codec", "database", "gemini", "notifications", "coordinator"};

/// A worker node has a coordinator in place of queue, records, notifier and the provider's limits.
std::vector<part> parts_of(const directory& parts) {
  return parts.coordinator
             ? std::vector<part>{coordinator, storage, codec}
             : std::vector<part>{queue, storage, codec, database, gemini, notifications};
}

health_check& entry_of(self_pointer self, part which) {
  return *std::ranges::find(self->state.round.checks, part_names[which], &health_check::name);
}

/// What the part's failing makes of the service.
health_state state_without(part which) {
  return which == queue ? health_state::unhealthy : health_state::degraded;
}

std::string describe(const failure& error) {
  const std::string kind{to_string(error.kind)};
  return error.message.empty() ? kind : kind + ": " + error.message;
}

/// Whether such a failure is the provider's doing, rather than that of the one job.
bool blames_provider(error_class kind) {
  switch (kind) {
    case error_class::none:
    case error_class::no_image:
    case error_class::invalid_input:
    case error_class::safety_blocked:
    case error_class::cancelled:
    case error_class::conflict:
      return false;
    default:
      return true;
  }
}

void judge(health_check& check, const provider_status& status, timestamp oldest_that_counts) {
  if (status.breaker != breaker_state::closed || is_set(status.closed_until)) {
    check.state = health_state::degraded;
    check.message = status.closed_reason.empty()
                        ? "the provider is being probed"
                        : status.closed_reason + " (until " + to_rfc3339(status.closed_until) + ")";
  } else if (blames_provider(status.last_error.kind) && status.last_failure >= oldest_that_counts) {
    check.state = health_state::degraded;
    check.message = describe(status.last_error);
  }
}

void judge(
    health_check& check,
    const notification_status& status,
    const health_options& options,
    timestamp oldest_that_counts
) {
  const bool is_failing = status.failures_in_a_row >= options.max_failed_deliveries
                          && (status.open > 0 || status.last_failure >= oldest_that_counts);
  if (status.outbox_error) {
    check.message = "the outbox is away: " + describe(status.outbox_error);
  } else if (is_failing) {
    check.message = std::to_string(status.failures_in_a_row)
                    + " deliveries in a row failed: " + describe(status.last_error);
  } else if (status.open > options.max_open_notifications) {
    check.message = std::to_string(status.open) + " notifications wait for their delivery";
  } else {
    return;
  }
  check.state = health_state::degraded;
}

void conclude_round(self_pointer self) {
  auto& state = self->state;
  state.round.at = state.options.clock->now();
  // Without a codec no picture can be taken in or made.
  if (entry_of(self, codec).state == health_state::unhealthy) {
    state.round.is_ready = false;
  }
  state.round.state = overall(state.round.checks);
  state.last = std::move(state.round);
  state.last_taken = self->clock().now();
  for (auto& asker : std::exchange(state.askers, {})) {
    asker.deliver(*state.last);
  }
}

void conclude_check(self_pointer self, part which, caf::actor_clock::time_point since) {
  const auto took = self->clock().now() - since;
  entry_of(self, which).took = std::chrono::duration_cast<milliseconds>(took);
  if (--self->state.open_checks == 0) {
    conclude_round(self);
  }
}

/// Asks one part. An answer means that the part is well, unless `judge_answer` says otherwise.
template <class Answer, class Handle, class Atom, class Judge>
void check(self_pointer self, part which, const Handle& whom, Atom what, Judge judge_answer) {
  const auto since = self->clock().now();
  if (!whom) {
    entry_of(self, which).message = "not started yet";
    conclude_check(self, which, since);
    return;
  }
  self->request(whom, self->state.options.timeout, what)
      .then(
          [=](const Answer& answer) {
            auto& entry = entry_of(self, which);
            entry.state = health_state::healthy;
            judge_answer(entry, answer);
            conclude_check(self, which, since);
          },
          [=](const caf::error& error) {
            auto& entry = entry_of(self, which);
            entry.state = state_without(which);
            entry.message = describe(to_failure(error));
            conclude_check(self, which, since);
          }
      );
}

void check_queue(self_pointer self) {
  check<queue_status>(
      self, queue, self->state.options.parts.queue, status_atom_v,
      [self](const health_check&, const queue_status& status) {
        self->state.round.is_ready = status.state == service_state::running;
      }
  );
}

void check_coordinator(self_pointer self) {
  check<link_status>(
      self, coordinator, self->state.options.parts.coordinator, status_atom_v,
      [self](const health_check&, const link_status& status) {
        self->state.round.is_ready = !status.is_draining;
      }
  );
}

void check_codec(self_pointer self) {
  check<codec_status>(
      self, codec, self->state.options.parts.images, status_atom_v,
      [](health_check& entry, const codec_status& status) {
        if (!status.problem.empty()) {
          entry.state = health_state::unhealthy;
          entry.message = status.problem;
        }
      }
  );
}

void check_gemini(self_pointer self, timestamp oldest) {
  check<provider_status>(
      self, gemini, self->state.options.parts.limits, status_atom_v,
      [oldest](health_check& entry, const provider_status& status) { judge(entry, status, oldest); }
  );
}

void check_notifications(self_pointer self, timestamp oldest) {
  check<notification_status>(
      self, notifications, self->state.options.parts.notifier, status_atom_v,
      [self, oldest](health_check& entry, const notification_status& status) {
        judge(entry, status, self->state.options, oldest);
      }
  );
}

void check_part(self_pointer self, part which) {
  const auto& options = self->state.options;
  const auto oldest = options.clock->now() - options.memory;
  const auto is_fine = [](const health_check&, unit_value) {};
  switch (which) {
    case queue:
      return check_queue(self);
    case storage:
      return check<unit_value>(self, storage, options.parts.blobs, probe_atom_v, is_fine);
    case codec:
      return check_codec(self);
    case database:
      return check<unit_value>(self, database, options.parts.records, probe_atom_v, is_fine);
    case gemini:
      return check_gemini(self, oldest);
    case notifications:
      return check_notifications(self, oldest);
    case coordinator:
      return check_coordinator(self);
  }
}

void start_round(self_pointer self) {
  auto& state = self->state;
  state.round = {};
  const auto wanted = parts_of(state.options.parts);
  for (const part which : wanted) {
    state.round.checks.push_back({std::string{part_names[which]}, health_state::starting, {}, {}});
  }
  state.open_checks = wanted.size();
  for (const part which : wanted) {
    check_part(self, which);
  }
}

caf::result<health_report> report(self_pointer self) {
  auto& state = self->state;
  if (state.last && self->clock().now() - state.last_taken < state.options.max_age) {
    return *state.last;
  }
  state.askers.push_back(make_reply_promise<health_report>(self));
  if (state.open_checks == 0) {
    start_round(self);
  }
  return caf::delegated<health_report>{};
}

}  // namespace

health_state overall(const std::vector<health_check>& checks) {
  auto worst = health_state::healthy;
  for (const auto& check : checks) {
    const bool is_vital = check.name == part_names[queue];
    const auto effect = is_vital ? check.state : std::min(check.state, health_state::degraded);
    worst = std::max(worst, effect);
  }
  return worst;
}

health_actor::behavior_type health(self_pointer self, health_options options) {
  install_supervision(self);
  self->state.options = std::move(options);
  return {[self](status_atom) { return report(self); }};
}

}  // namespace stayler::actors
