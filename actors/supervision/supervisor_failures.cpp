// SPDX-License-Identifier: MIT

// What becomes of a child that has ended, or does not answer any more.

#include "actors/supervision/supervisor.hpp"
#include "adapters/log/log.hpp"
#include "messages/base/duration.hpp"

#include <fmt/core.h>

#include <chrono>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::supervisor::log;

}  // namespace

void supervisor_state::child_down(const caf::down_msg& down) {
  if (const auto returned = children_.remove_abandoned(down.source)) {
    log.warning("an abandoned actor has ended after all", {{"actor", *returned}});
    return;
  }
  if (child* ended = children_.find_running(down.source)) {
    children_.set_stopped(*ended);
    ended->is_worker ? worker_down(*ended, down.reason) : core_down(*ended, down.reason);
  }
}

void supervisor_state::core_down(child& ended, const caf::error& reason) {
  const bool was_told = std::exchange(ended.is_ending, false);
  if (phase_ == phase::stopping) {
    end_next();
    return;
  }
  if (!was_told) {
    if (!handle_failure(ended, find_spec(options_.tree, ended.name).restart, reason)) {
      return;
    }
    terminator_.end_dependents_of(ended.name, options_.tree);
  }
  if (!children_.is_core_ending()) {
    start_missing();
  }
}

void supervisor_state::worker_down(child& ended, const caf::error& reason) {
  const bool was_told = ended.is_ending || ended.is_retiring;
  if (ended.is_retiring) {
    children_.remove_worker(std::string{ended.name});  // `ended` is gone with it
  }
  if (phase_ == phase::stopping) {
    end_next();
    return;
  }
  if (!was_told && !handle_failure(ended, restart_rule::permanent, reason)) {
    return;
  }
  if (!children_.is_core_ending()) {
    starter_.scale_workers({options_.tree, *options_.clock, settings_.current()});
  }
}

void supervisor_state::abandon(child& stuck, const std::string& why) {
  // A handler that does not return cannot be stopped: its thread is lost, and with it what the
  // actor holds. Whoever waits for an answer of it has a timeout. If it does return one day, the
  // actor ends at once, and the thread is there again.
  self_->send_exit(stuck.handle, caf::exit_reason::kill);
  children_.abandon(stuck);
  stuck.last_failure = why;
  stuck.last_failure_at = options_.clock->now();
  if (children_.abandoned_count() > options_.max_abandoned && phase_ == phase::up) {
    escalate(stuck.name, why + ", and too many others are stuck");
    return;
  }
  const caf::error reason = to_error(failure{error_class::timeout, why});
  stuck.is_worker ? worker_down(stuck, reason) : core_down(stuck, reason);
}

bool supervisor_state::handle_failure(child& ended, restart_rule rule, const caf::error& reason) {
  const bool has_failed = reason != caf::exit_reason::normal;
  ended.last_failure = has_failed ? describe(reason) : "it ended by itself";
  ended.last_failure_at = options_.clock->now();
  if (rule == restart_rule::temporary || (rule == restart_rule::transient && !has_failed)) {
    ended.is_finished = true;
    log.warning(
        "an actor has ended and is not started again",
        {{"actor", ended.name}, {"reason", ended.last_failure}}
    );
    return true;
  }
  if (const auto why = reason_to_give_up()) {
    escalate(ended.name, *why);
    return false;
  }
  schedule_restart(ended);
  return true;
}

std::optional<std::string> supervisor_state::reason_to_give_up() {
  if (!window_.allow(self_->clock().now())) {
    return fmt::format(
        "more than {} restarts within {}", options_.max_restarts,
        format_duration(options_.restart_window)
    );
  }
  return std::nullopt;
}

void supervisor_state::schedule_restart(child& ended) {
  ++ended.restarts;
  const auto ran_for =
      std::chrono::duration_cast<milliseconds>(self_->clock().now() - ended.started);
  const milliseconds pause = ended.backoff.next(ran_for);
  log.warning(
      "an actor failed, restarting it",
      {{"actor", ended.name}, {"reason", ended.last_failure}, {"pause", format_duration(pause)}}
  );
  if (pause.count() > 0) {
    ended.is_backing_off = true;
    self_->delayed_send(self_, pause, end_backoff_atom_v, ended.name);
  }
  if (directory_.metrics) {
    self_->send(directory_.metrics, restart_event{ended.name, ended.last_failure});
  }
}

void supervisor_state::escalate(const std::string& child_name, const std::string& why) {
  log.critical("an actor failed: giving up", {{"actor", child_name}, {"reason", why}});
  has_failed_ = true;
  terminator_.shorten_timeouts();
  stop_everything();
}

}  // namespace stayler::actors
