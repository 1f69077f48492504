// SPDX-License-Identifier: MIT
#include "actors/supervision/supervisor.hpp"

#include "adapters/config/secrets.hpp"
#include "adapters/config/settings_rules.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::supervisor};

constexpr std::chrono::seconds status_timeout{2};

std::string worker_name(std::uint32_t number) {
  return "worker-" + std::to_string(number);
}

}  // namespace

void supervisor_state::begin(pointer self, supervisor_options options) {
  self_ = self;
  options_ = std::move(options);
  window_ = policies::restart_window{options_.max_restarts, options_.restart_window};
  should_dispatch_ = options_.dispatch_at_start;
  started_at_ = options_.clock->now();
  last_look_ = self->clock().now();
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { child_down(down); });
  start_missing();
  self->delayed_send(self, options_.ping_interval, caf::tick_atom_v);
}

const child_spec& supervisor_state::spec_of(const std::string& child_name) const {
  return *std::ranges::find(options_.tree.core, child_name, &child_spec::name);
}

bool supervisor_state::are_running(const std::vector<std::string>& names) const {
  return std::ranges::all_of(names, [this](const std::string& one) {
    const auto found = core_.find(one);
    return found != core_.end() && found->second.handle && !found->second.is_ending;
  });
}

bool supervisor_state::is_core_ending() const {
  return std::ranges::any_of(core_, [](const auto& entry) {
    return entry.second.handle && entry.second.is_ending;
  });
}

void supervisor_state::begin_life(child& started, caf::actor handle) {
  started.handle = std::move(handle);
  started.is_ending = started.is_killed = started.is_retiring = false;
  started.asked_at.reset();
  started.mailbox = 0;
  started.started_at = options_.clock->now();
  started.started = self_->clock().now();
  self_->monitor(started.handle);
}

void supervisor_state::start_core(const child_spec& spec) {
  begin_life(core_[spec.name], spec.start(self_->system(), directory_, options_.config));
  if (spec.dispatches && should_dispatch_) {
    caf::anon_send(directory_.dispatch, start_atom_v);
  }
}

void supervisor_state::start_worker(const std::string& worker_id, child& slot) {
  const auto& start = options_.tree.start_worker;
  begin_life(slot, start(self_->system(), directory_, options_.config, worker_id));
}

void supervisor_state::start_missing() {
  bool has_started = false;
  for (const child_spec& spec : options_.tree.core) {
    const child& one = core_[spec.name];
    if (!one.handle && !one.is_backing_off && !one.is_finished && are_running(spec.depends_on)) {
      start_core(spec);
      has_started = true;
    }
  }
  if (has_started) {
    publish();
  }
  rescale();
}

void supervisor_state::publish() {
  for (const caf::actor& watcher : watchers_) {
    caf::anon_send(watcher, directory_);
  }
}

void supervisor_state::watch(caf::actor watcher) {
  caf::anon_send(watcher, directory_);
  watchers_.push_back(std::move(watcher));
}

void supervisor_state::rescale() {
  if (!options_.tree.start_worker || !are_running(options_.tree.workers_depend_on)) {
    return;
  }
  for (std::uint32_t number = 1; number <= options_.config.max_workers; ++number) {
    const std::string worker_id = worker_name(number);
    child& slot = workers_[worker_id];
    if (!slot.handle && !slot.is_backing_off) {
      start_worker(worker_id, slot);
    }
  }
  retire_surplus();
}

void supervisor_state::retire_surplus() {
  for (std::uint32_t number = options_.config.max_workers + 1;; ++number) {
    const auto found = workers_.find(worker_name(number));
    if (found == workers_.end()) {
      return;
    }
    child& surplus = found->second;
    if (!surplus.handle) {
      workers_.erase(found);
    } else if (!std::exchange(surplus.is_retiring, true)) {
      self_->send(caf::actor_cast<worker_actor>(surplus.handle), retire_atom_v);
    }
  }
}

void supervisor_state::child_down(const caf::down_msg& down) {
  if (const auto returned = stuck_.extract(down.source)) {
    on_stuck_actor_returned(returned.mapped());
    return;
  }
  for (auto* group : {&core_, &workers_}) {
    for (auto& [child_name, ended] : *group) {
      if (ended.handle && ended.handle.address() == down.source) {
        const std::string known_as = child_name;
        ended.handle = nullptr;
        group == &core_ ? core_down(known_as, down.reason) : worker_down(known_as, down.reason);
        return;
      }
    }
  }
}

void supervisor_state::core_down(const std::string& child_name, const caf::error& reason) {
  child& ended = core_[child_name];
  const bool was_told = std::exchange(ended.is_ending, false);
  if (phase_ == phase::stopping) {
    end_next();
    return;
  }
  if (!was_told) {
    if (!plan_restart(child_name, ended, spec_of(child_name).restart, reason)) {
      return;
    }
    end_dependents_of(child_name);
  }
  if (!is_core_ending()) {
    start_missing();
  }
}

void supervisor_state::worker_down(const std::string& child_name, const caf::error& reason) {
  child& worker = workers_[child_name];
  const bool was_told = worker.is_ending || worker.is_retiring;
  if (worker.is_retiring) {
    workers_.erase(child_name);
  }
  if (phase_ == phase::stopping) {
    end_next();
    return;
  }
  if (!was_told && !plan_restart(child_name, worker, restart_rule::permanent, reason)) {
    return;
  }
  if (!is_core_ending()) {
    rescale();
  }
}

bool supervisor_state::plan_restart(
    const std::string& child_name, child& ended, restart_rule rule, const caf::error& reason
) {
  const bool has_failed = reason != caf::exit_reason::normal;
  if (rule == restart_rule::temporary || (rule == restart_rule::transient && !has_failed)) {
    ended.is_finished = true;
  }
  const std::string why = has_failed ? describe(reason) : "it ended by itself";
  ended.last_failure = why;
  ended.last_failure_at = options_.clock->now();
  if (ended.is_finished) {
    log.warning(
        "an actor has ended and is not started again", {{"actor", child_name}, {"reason", why}}
    );
    return true;
  }
  // The child's own word that it has used up what only a new process gives back.
  if (reason == caf::exit_reason::out_of_workers) {
    escalate(child_name, "restarting does not help");
    return false;
  }
  const clock_time now = self_->clock().now();
  if (!window_.allow(now)) {
    escalate(
        child_name, "more than " + std::to_string(options_.max_restarts) + " restarts within "
                        + format_duration(options_.restart_window)
    );
    return false;
  }
  ++ended.restarts;
  const auto ran_for = std::chrono::duration_cast<milliseconds>(now - ended.started);
  const milliseconds pause = ended.backoff.next(ran_for);
  log.warning(
      "an actor failed, restarting it",
      {{"actor", child_name}, {"reason", why}, {"pause", format_duration(pause)}}
  );
  if (pause.count() > 0) {
    ended.is_backing_off = true;
    self_->delayed_send(self_, pause, retry_atom_v, child_name);
  }
  if (directory_.metrics) {
    self_->send(directory_.metrics, restart_event{child_name, why});
  }
  return true;
}

void supervisor_state::end_pause(const std::string& child_name) {
  for (auto* group : {&core_, &workers_}) {
    if (const auto found = group->find(child_name); found != group->end()) {
      found->second.is_backing_off = false;
    }
  }
  if (phase_ == phase::up && !is_core_ending()) {
    start_missing();
  }
}

void supervisor_state::escalate(const std::string& child_name, const std::string& why) {
  log.critical("an actor failed: giving up", {{"actor", child_name}, {"reason", why}});
  has_failed_ = true;
  stop_everything();
}

caf::result<unit_value> supervisor_state::start() {
  should_dispatch_ = true;
  return self_->delegate(directory_.dispatch, start_atom_v);
}

caf::result<unit_value> supervisor_state::drain(milliseconds timeout) {
  should_dispatch_ = false;
  return self_->delegate(directory_.dispatch, drain_atom_v, timeout);
}

caf::result<std::vector<worker_status>> supervisor_state::list_workers() {
  const auto answer = make_shared_reply_promise<std::vector<worker_status>>(self_);
  self_->request(directory_.queue, status_timeout, status_atom_v)
      .then(
          [this, answer](queue_status& status) {
            for (worker_status& shown : status.workers) {
              const auto known = workers_.find(shown.worker_id);
              if (known != workers_.end()) {
                shown.restarts = known->second.restarts;
                shown.started_at = known->second.started_at;
              }
            }
            answer->deliver(std::move(status.workers));
          },
          [answer](caf::error& reason) { answer->fail(std::move(reason)); }
      );
  return caf::delegated<std::vector<worker_status>>{};
}

settings_update supervisor_state::change_settings(const std::vector<settings_change>& changes) {
  settings_update update = adapters::apply_changes(options_.config, changes);
  if (!update.problems.empty()) {
    return update;
  }
  options_.config = update.effective;
  adapters::configure_log(options_.config, adapters::secrets_in(options_.config));
  // Before the queue, which sends it what was held by the old settings.
  self_->send(directory_.limits, settings_atom_v, options_.config);
  self_->send(directory_.gemini, settings_atom_v, options_.config);
  self_->send(directory_.queue, settings_atom_v, options_.config);
  self_->send(directory_.retries, settings_atom_v, options_.config);
  self_->send(directory_.cache, settings_atom_v, options_.config);
  self_->send(directory_.notifier, settings_atom_v, options_.config);
  if (directory_.nodes) {
    self_->send(directory_.nodes, settings_atom_v, options_.config);
  }
  for (const auto& [child_name, worker] : workers_) {
    if (worker.handle) {
      self_->send(caf::actor_cast<worker_actor>(worker.handle), settings_atom_v, options_.config);
    }
  }
  if (phase_ == phase::up && !is_core_ending()) {
    rescale();
  }
  return update;
}

caf::result<unit_value> supervisor_state::inject_fault(
    const std::string& child_name, milliseconds hang_for
) {
  if (!options_.config.enable_chaos) {
    return to_error({error_class::permission, "WORKER_ENABLE_CHAOS is off", {}});
  }
  for (const auto* group : {&core_, &workers_}) {
    if (const auto found = group->find(child_name); found != group->end() && found->second.handle) {
      caf::anon_send(found->second.handle, fault_atom_v, hang_for);
      return unit_value{};
    }
  }
  return to_error({error_class::not_found, "no actor is called " + child_name, {}});
}

supervisor_impl::behavior_type supervisor(
    supervisor_state::pointer self, supervisor_options options
) {
  self->state.begin(self, std::move(options));
  auto& state = self->state;
  return {
      [&state](start_atom) { return state.start(); },
      [&state](drain_atom, milliseconds timeout) { return state.drain(timeout); },
      [&state](shutdown_atom, milliseconds timeout) { return state.shut_down(timeout); },
      [&state](workers_atom) { return state.list_workers(); },
      [&state](tree_atom) { return state.describe_tree(); },
      [&state](settings_atom) { return state.config(); },
      [&state](settings_atom, const std::vector<settings_change>& changes) {
        return state.change_settings(changes);
      },
      [&state](fault_atom, const std::string& child_name, milliseconds hang_for) {
        return state.inject_fault(child_name, hang_for);
      },
      [&state](watch_atom, caf::actor watcher) { state.watch(std::move(watcher)); },
      [&state](abort_atom, const caf::actor_addr& overdue) { state.end_overdue(overdue); },
      [&state](retry_atom, const std::string& child_name) { state.end_pause(child_name); },
      [&state](caf::tick_atom) { state.check_children(); },
  };
}

}  // namespace stayler::actors
