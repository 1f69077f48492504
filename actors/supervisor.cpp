// SPDX-License-Identifier: MIT
#include "actors/supervisor.hpp"

#include "adapters/config/option_table.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::supervisor};

constexpr std::chrono::seconds status_timeout{2};

/// Over the drain timeout: workers that must be told to stop get a second, the answer a moment.
constexpr milliseconds drain_margin{3'000};

constexpr milliseconds worker_stop_timeout{5'000};

std::string worker_name(std::uint32_t number) {
  return "worker-" + std::to_string(number);
}

}  // namespace

void supervisor_state::begin(pointer self, supervisor_options options) {
  self_ = self;
  options_ = std::move(options);
  window_ = restart_window{options_.max_restarts, options_.restart_window};
  should_dispatch_ = options_.dispatch_at_start;
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) {
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
  });
  start_missing();
}

void supervisor_state::start_core(const child_spec& spec) {
  child& started = core_[spec.name];
  started.handle = spec.start(self_->system(), directory_, options_.config);
  started.is_ending = false;
  started.started_at = options_.clock->now();
  self_->monitor(started.handle);
  if (spec.name == "queue" && should_dispatch_) {
    caf::anon_send(directory_.queue, start_atom_v);
  }
}

void supervisor_state::start_missing() {
  for (const child_spec& spec : options_.tree.core) {
    if (!core_[spec.name].handle) {
      start_core(spec);
    }
  }
  publish();
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
  const std::uint32_t wanted = options_.config.max_workers;
  for (std::uint32_t number = 1; number <= wanted; ++number) {
    const std::string worker_id = worker_name(number);
    child& slot = workers_[worker_id];
    if (!slot.handle) {
      slot.handle =
          options_.tree.start_worker(self_->system(), directory_, options_.config, worker_id);
      slot.is_ending = slot.is_retiring = false;
      slot.started_at = options_.clock->now();
      self_->monitor(slot.handle);
    }
  }
  for (std::uint32_t number = wanted + 1; workers_.count(worker_name(number)) > 0; ++number) {
    child& surplus = workers_[worker_name(number)];
    if (!std::exchange(surplus.is_retiring, true)) {
      self_->send(caf::actor_cast<worker_actor>(surplus.handle), retire_atom_v);
    }
  }
}

void supervisor_state::core_down(const std::string& child_name, const caf::error& reason) {
  const bool was_told = std::exchange(core_[child_name].is_ending, false);
  if (phase_ == phase::stopping) {
    end_next();
    return;
  }
  if (!was_told) {
    if (!may_restart(child_name, reason)) {
      return;
    }
    ++core_[child_name].restarts;
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
  if (!was_told) {
    if (!may_restart(child_name, reason)) {
      return;
    }
    ++worker.restarts;
  }
  if (!is_core_ending()) {
    rescale();
  }
}

bool supervisor_state::may_restart(const std::string& child_name, const caf::error& reason) {
  const std::string why = describe(reason);
  if (!window_.allow(self_->clock().now())) {
    escalate(child_name);
    return false;
  }
  log.warning("an actor failed, restarting it", {{"actor", child_name}, {"reason", why}});
  if (directory_.metrics) {
    self_->send(directory_.metrics, restart_event{child_name, why});
  }
  return true;
}

void supervisor_state::escalate(const std::string& child_name) {
  log.critical(
      "an actor failed again, too often: giving up",
      {{"actor", child_name},
       {"maxRestarts", options_.max_restarts},
       {"within", format_duration(options_.restart_window)}}
  );
  has_failed_ = true;
  stop_everything();
}

void supervisor_state::end_dependents_of(const std::string& child_name) {
  std::set<std::string> affected{child_name};
  const auto depends = [&affected](const std::vector<std::string>& names) {
    return std::ranges::any_of(names, [&](const auto& one) { return affected.count(one) > 0; });
  };
  for (const child_spec& spec : options_.tree.core) {
    if (depends(spec.depends_on)) {
      affected.insert(spec.name);
      end(core_[spec.name], spec.stop_timeout);
    }
  }
  if (depends(options_.tree.workers_depend_on)) {
    end_workers();
  }
}

bool supervisor_state::end_workers() {
  bool is_any_alive = false;
  for (auto& [child_name, worker] : workers_) {
    is_any_alive = is_any_alive || worker.handle;
    end(worker, worker_stop_timeout);
  }
  return is_any_alive;
}

void supervisor_state::end(child& ending, milliseconds timeout) {
  if (!ending.handle || std::exchange(ending.is_ending, true)) {
    return;
  }
  self_->send_exit(ending.handle, caf::exit_reason::user_shutdown);
  self_->delayed_send(self_, timeout, abort_atom_v, ending.handle.address());
}

void supervisor_state::end_overdue(const caf::actor_addr& address) {
  for (auto* group : {&core_, &workers_}) {
    for (auto& [child_name, overdue] : *group) {
      if (overdue.handle && overdue.handle.address() == address) {
        log.error("an actor does not end, killing it", {{"actor", child_name}});
        self_->send_exit(overdue.handle, caf::exit_reason::kill);
      }
    }
  }
}

bool supervisor_state::is_core_ending() const {
  return std::ranges::any_of(core_, [](const auto& entry) {
    return entry.second.handle && entry.second.is_ending;
  });
}

void supervisor_state::stop_everything() {
  phase_ = phase::stopping;
  end_next();
}

void supervisor_state::end_next() {
  if (end_workers()) {
    return;
  }
  const auto& specs = options_.tree.core;
  const auto last = std::find_if(specs.rbegin(), specs.rend(), [this](const child_spec& spec) {
    return static_cast<bool>(core_[spec.name].handle);
  });
  if (last != specs.rend()) {
    flush_and_end(*last);
    return;
  }
  for (auto& answer : shutdown_answers_) {
    answer.give(unit_value{});
  }
  has_failed_ ? self_->quit(caf::sec::runtime_error) : self_->quit();
}

void supervisor_state::flush_and_end(const child_spec& spec) {
  child& ending = core_[spec.name];
  if (!spec.flush_first) {
    log.debug("ending an actor", {{"actor", spec.name}});
    end(ending, spec.stop_timeout);
    return;
  }
  const auto go_on = [this, &ending, timeout = spec.stop_timeout] { end(ending, timeout); };
  self_->request(ending.handle, spec.stop_timeout, flush_atom_v)
      .then([go_on](unit_value) { go_on(); }, [go_on](const caf::error&) { go_on(); });
}

caf::result<unit_value> supervisor_state::start() {
  should_dispatch_ = true;
  return self_->delegate(directory_.queue, start_atom_v);
}

caf::result<unit_value> supervisor_state::drain(milliseconds timeout) {
  should_dispatch_ = false;
  return self_->delegate(directory_.queue, drain_atom_v, timeout);
}

caf::result<unit_value> supervisor_state::shut_down(milliseconds timeout) {
  shutdown_answers_.push_back(owe_answer<unit_value>(self_));
  if (shutdown_answers_.size() > 1) {
    return caf::delegated<unit_value>{};
  }
  log.info("shutting down", {{"jobsHave", format_duration(timeout)}});
  should_dispatch_ = false;
  const auto go_on = [this] {
    if (phase_ == phase::up) {
      stop_everything();
    }
  };
  self_->request(directory_.queue, timeout + drain_margin, drain_atom_v, timeout)
      .then([go_on](unit_value) { go_on(); }, [go_on](const caf::error&) { go_on(); });
  return caf::delegated<unit_value>{};
}

caf::result<std::vector<worker_status>> supervisor_state::list_workers() {
  const auto answer = share_answer<std::vector<worker_status>>(self_);
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
            answer->give(std::move(status.workers));
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
  adapters::configure_log(options_.config);
  self_->send(directory_.queue, settings_atom_v, options_.config);
  self_->send(directory_.retries, settings_atom_v, options_.config);
  self_->send(directory_.gemini, settings_atom_v, options_.config);
  self_->send(directory_.notifier, settings_atom_v, options_.config);
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

caf::result<unit_value> supervisor_state::inject_fault(const std::string& child_name) {
  if (!options_.config.enable_chaos) {
    return to_error({error_class::permission, "WORKER_ENABLE_CHAOS is off", {}});
  }
  if (const auto found = workers_.find(child_name);
      found != workers_.end() && found->second.handle) {
    self_->send(caf::actor_cast<worker_actor>(found->second.handle), fault_atom_v);
    return unit_value{};
  }
  if (const auto found = core_.find(child_name); found != core_.end() && found->second.handle) {
    self_->send_exit(found->second.handle, caf::sec::runtime_error);
    return unit_value{};
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
      [&state](settings_atom) { return state.config(); },
      [&state](settings_atom, const std::vector<settings_change>& changes) {
        return state.change_settings(changes);
      },
      [&state](fault_atom, const std::string& child_name) {
        return state.inject_fault(child_name);
      },
      [&state](watch_atom, caf::actor watcher) { state.watch(std::move(watcher)); },
      [&state](abort_atom, const caf::actor_addr& overdue) { state.end_overdue(overdue); },
  };
}

}  // namespace stayler::actors
