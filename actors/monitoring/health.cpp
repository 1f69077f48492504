// SPDX-License-Identifier: MIT
#include "actors/monitoring/health.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::actors {

namespace {

/// The names of the checks, in the order of `part`.
constexpr std::array<std::string_view, 8> part_names{
    "queue",  "storage",        "codec",         "database",
    "gemini", "provider_setup", "notifications", "coordinator"};
constexpr std::string_view vital_part = part_names[0];

constexpr std::string_view name_of(auto part) {
  return part_names.at(static_cast<std::size_t>(part));
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
  const bool has_other = !status.models.empty() && status.model != status.models.front().name;
  if (is_set(status.closed_until)) {
    check.state = health_state::degraded;
    check.message = status.closed_reason + " (until " + to_rfc3339(status.closed_until) + ")";
  } else if (has_other) {
    check.state = health_state::degraded;
    check.message = status.model + " makes the pictures in place of " + status.models.front().name;
  } else if (status.breaker != breaker_state::closed) {
    check.state = health_state::degraded;
    check.message = "the provider is being probed";
  } else if (blames_provider(status.last_error.kind) && status.last_failure >= oldest_that_counts) {
    check.state = health_state::degraded;
    check.message = describe(status.last_error);
  }
}

/// What has not been asked yet is taken to be well.
void judge(health_check& check, const provider_check& found) {
  using verdict = provider_check::verdict;
  if (found.is == verdict::broken || found.is == verdict::untold) {
    check.state = health_state::degraded;
    check.message = found.problem;
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

}  // namespace

health_state overall(const std::vector<health_check>& checks) {
  auto worst = health_state::healthy;
  for (const auto& check : checks) {
    const bool is_vital = check.name == vital_part;
    const auto effect = is_vital ? check.state : std::min(check.state, health_state::degraded);
    worst = std::max(worst, effect);
  }
  return worst;
}

caf::result<health_report> health_actor_state::report_readiness() {
  const auto answer = make_shared_reply_promise<health_report>(self_);
  readiness_.ask([answer](const health_report& found) { answer->deliver(found); });
  return caf::delegated<health_report>{};
}

void health_actor_state::look() {
  self_->delayed_send(self_, options_.look_interval, check_health_atom_v);
  if (open_checks_ == 0) {
    start_round();
  }
}

caf::result<health_report> health_actor_state::report() {
  if (last_ && self_->clock().now() - last_taken_ < options_.max_age) {
    return *last_;
  }
  askers_.push_back(make_reply_promise<health_report>(self_));
  if (open_checks_ == 0) {
    start_round();
  }
  return caf::delegated<health_report>{};
}

void health_actor_state::start_round() {
  round_ = {};
  const auto wanted = parts();
  for (const part which : wanted) {
    round_.checks.push_back({std::string{name_of(which)}, health_state::starting, {}, {}});
  }
  open_checks_ = wanted.size() + 1;
  check_readiness();
  for (const part which : wanted) {
    check_part(which);
  }
}

void health_actor_state::check_readiness() {
  readiness_.ask([this](const health_report& found) {
    round_.is_ready = found.is_ready;
    round_.has_started = found.has_started;
    conclude_part();
  });
}

void health_actor_state::conclude_round() {
  round_.at = options_.clock->now();
  round_.state = overall(round_.checks);
  last_ = std::move(round_);
  last_taken_ = self_->clock().now();
  if (options_.parts.metrics) {
    self_->send(options_.parts.metrics, *last_);
  }
  for (auto& asker : std::exchange(askers_, {})) {
    asker.deliver(*last_);
  }
}

// A worker node has a coordinator in place of queue, records, notifier and the provider's limits.
std::vector<health_actor_state::part> health_actor_state::parts() const {
  using enum part;
  return options_.parts.coordinator
             ? std::vector<part>{coordinator, storage, codec, provider_setup}
             : std::vector<part>{queue,  storage,        codec,        database,
                                 gemini, provider_setup, notifications};
}

void health_actor_state::check_part(part which) {
  const directory& parts = options_.parts;
  const auto oldest = options_.clock->now() - options_.memory;
  const auto is_fine = [](const health_check&, unit_value) {};
  switch (which) {
    case part::queue:
      return check<queue_status>(
          which, parts.queue, status_atom_v, [](const health_check&, const queue_status&) {}
      );
    case part::storage:
      return check<unit_value>(which, parts.blobs, probe_atom_v, is_fine);
    case part::codec:
      return check<codec_status>(
          which, parts.images, status_atom_v,
          [](health_check& entry, const codec_status& status) {
            if (!status.problem.empty()) {
              entry.state = health_state::unhealthy;
              entry.message = status.problem;
            }
          }
      );
    case part::database:
      return check<unit_value>(which, parts.records, probe_atom_v, is_fine);
    case part::gemini:
      return check<provider_status>(
          which, parts.limits, status_atom_v,
          [oldest](health_check& entry, const provider_status& status) {
            judge(entry, status, oldest);
          }
      );
    case part::provider_setup:
      return check<provider_check>(
          which, parts.gemini, status_atom_v,
          [](health_check& entry, const provider_check& found) { judge(entry, found); }
      );
    case part::notifications:
      return check<notification_status>(
          which, parts.notifier, status_atom_v,
          [this, oldest](health_check& entry, const notification_status& status) {
            judge(entry, status, options_, oldest);
          }
      );
    case part::coordinator:
      return check<link_status>(
          which, parts.coordinator, status_atom_v, [](const health_check&, const link_status&) {}
      );
  }
}

template <class Answer, class Handle, class Atom, class Judge>
void health_actor_state::check(part which, const Handle& whom, Atom what, Judge judge_answer) {
  const auto since = self_->clock().now();
  if (!whom) {
    entry_of(which).message = "not started yet";
    conclude_check(which, since);
    return;
  }
  self_->request(whom, options_.timeout, what)
      .then(
          [this, which, since, judge_answer](const Answer& answer) {
            health_check& entry = entry_of(which);
            entry.state = health_state::healthy;
            judge_answer(entry, answer);
            conclude_check(which, since);
          },
          [this, which, since](const caf::error& error) {
            health_check& entry = entry_of(which);
            entry.state = which == part::queue ? health_state::unhealthy : health_state::degraded;
            entry.message = describe(to_failure(error));
            conclude_check(which, since);
          }
      );
}

void health_actor_state::conclude_check(part which, caf::actor_clock::time_point since) {
  const auto took = self_->clock().now() - since;
  entry_of(which).took = std::chrono::duration_cast<milliseconds>(took);
  conclude_part();
}

void health_actor_state::conclude_part() {
  if (--open_checks_ == 0) {
    conclude_round();
  }
}

health_check& health_actor_state::entry_of(part which) {
  return *std::ranges::find(round_.checks, name_of(which), &health_check::name);
}

health_impl::behavior_type health_actor_state::make_behavior(health_options options) {
  install_supervision(self_);
  options_ = std::move(options);
  readiness_options ready;
  ready.parts = options_.parts;
  ready.clock = options_.clock;
  ready.has_started = options_.has_started;
  readiness_.begin(std::move(ready));
  self_->delayed_send(self_, options_.max_age, check_health_atom_v);
  return {
      handle<status_atom>(*this, &health_actor_state::report),
      handle<probe_atom>(*this, &health_actor_state::report_readiness),
      handle<check_health_atom>(*this, &health_actor_state::look),
  };
}

health_impl::behavior_type health(health_actor_state::pointer self, health_options options) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
