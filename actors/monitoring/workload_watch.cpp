// SPDX-License-Identifier: MIT
#include "actors/monitoring/workload_watch.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "policies/jobs/waiting_reason.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

/// What an attempt is taken to take before any has ended: an answer of the provider comes after
/// half a minute.
constexpr std::chrono::seconds usual_attempt{40};

}  // namespace

void workload_watch_state::look() {
  self_->delayed_send(self_, options_.interval, look_atom_v);
  ask_limits();
  ask_queue();
}

// Both are known by heart, and answered before the queue has asked its store.
void workload_watch_state::ask_limits() {
  self_->request(options_.limits, options_.interval, status_atom_v)
      .then(
          [this](provider_status& now) {
            provider_ = now;
            self_->send(options_.metrics, std::move(now));
          },
          [](const caf::error&) {}  // what was known stays
      );
  self_->request(options_.limits, options_.interval, spending_atom_v)
      .then(
          [this](spending_report& now) {
            costs_ = now;
            self_->send(options_.metrics, std::move(now));
          },
          [](const caf::error&) {}
      );
}

// A store that is away would find as many questions when it is back as rounds have passed.
void workload_watch_state::ask_queue() {
  if (is_queue_asked_) {
    is_current_ = false;
    report();
    return;
  }
  is_queue_asked_ = true;
  self_->request(options_.queue, caf::infinite, status_atom_v)
      .then(
          [this](queue_status& now) {
            is_queue_asked_ = false;
            note(std::move(now));
          },
          [this](const caf::error&) {
            is_queue_asked_ = false;
            is_current_ = false;
            report();
          }
      );
}

void workload_watch_state::note(queue_status now) {
  queue_ = std::move(now);
  is_current_ = true;
  history_.add(queue_->counts, options_.clock->now());
  const auto joined = static_cast<std::uint32_t>(queue_->workers.size());
  self_->send(options_.limits, share_atom_v, joined);
  report();
}

void workload_watch_state::report() {
  const timestamp now = options_.clock->now();
  const bool is_closed = provider_.closed_until > now || policies::is_day_spent(costs_);
  if (!is_closed) {
    closed_since_.reset();
  } else if (!closed_since_) {
    closed_since_ = self_->clock().now();
  }
  if (!queue_) {
    return;
  }
  workload_report said;
  if (is_set(queue_->oldest_due)) {
    said.oldest_waits = std::max(milliseconds{0}, milliseconds{now - queue_->oldest_due});
  }
  said.held_by = held_by(now);
  if (said.held_by != hold_reason::none) {
    said.held = queue_->counts.pending + queue_->counts.scheduled;
  }
  for (const type_pause& each : queue_->paused) {
    said.paused.push_back(each.type);
  }
  if (is_current_ && queue_->is_reaper) {
    said.workers_desired = desired();
  }
  self_->send(options_.metrics, std::move(said));
}

hold_reason workload_watch_state::held_by(timestamp now) const {
  if (queue_->state != service_state::running) {
    return hold_reason::stopped;
  }
  if (policies::is_day_spent(costs_)) {
    return hold_reason::budget;
  }
  if (provider_.closed_until <= now) {
    return hold_reason::none;
  }
  return provider_.breaker == breaker_state::closed ? hold_reason::quota
                                                    : hold_reason::provider_closed;
}

std::uint32_t workload_watch_state::desired() const {
  const queue_status& queue = *queue_;
  policies::workload now;
  now.attempt = history_.attempt().value_or(usual_attempt);
  // Of what waits it is not known how much is of a type that is paused: what goes on counts.
  if (queue.paused.empty() && queue.state == service_state::running) {
    now.pending = queue.counts.pending;
    if (is_set(queue.oldest_due)) {
      now.oldest =
          std::max(milliseconds{0}, milliseconds{options_.clock->now() - queue.oldest_due});
    }
    now.accepted_per_second = history_.accepted_per_second();
  } else {
    now.accepted_per_second = history_.ended_per_second();
  }
  now.calls = provider_.limit_of_all;
  now.quota_per_minute = provider_.requests_per_minute;
  now.in_flight = queue.counts.processing;
  now.connected =
      std::max(provider_.workers_of_all, static_cast<std::uint32_t>(queue.workers.size()));
  if (closed_since_) {
    now.closed_for = self_->clock().now() - *closed_since_;
  }
  return policies::desired_workers(now);
}

workload_watch_actor::behavior_type workload_watch_state::make_behavior(
    workload_watch_options options
) {
  install_supervision(self_);
  options_ = std::move(options);
  look();
  return {handle<look_atom>(*this, &workload_watch_state::look)};
}

workload_watch_actor::behavior_type workload_watch(
    workload_watch_state::pointer self, workload_watch_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
