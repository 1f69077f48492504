// SPDX-License-Identifier: MIT
#include "actors/supervision/supervisor.hpp"

#include "actors/supervision/tree_description.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/tell.hpp"
#include "messages/base/duration.hpp"

#include <utility>

namespace stayler::actors {

namespace {

constexpr std::chrono::seconds status_timeout{2};

/// The end may take this much longer each time it is asked for: over what follows the supervisor's
/// own end.
constexpr std::chrono::seconds stop_extension{20};

}  // namespace

void supervisor_state::start_missing() {
  const start_context with{options_.tree, *options_.clock, settings_.current()};
  if (starter_.start_core(with, should_dispatch_)) {
    for (const caf::actor& watcher : watchers_) {
      tell(watcher, directory_);
    }
  }
  starter_.scale_workers(with);
}

void supervisor_state::watch(caf::actor watcher) {
  tell(watcher, directory_);
  watchers_.push_back(std::move(watcher));
}

void supervisor_state::end_backoff(const std::string& child_name) {
  if (child* one = children_.find(child_name)) {
    one->is_backing_off = false;
  }
  if (phase_ == phase::up && !children_.is_core_ending()) {
    start_missing();
  }
}

void supervisor_state::tell_manager() {
  if (!options_.manager) {
    return;
  }
  if (phase_ == phase::stopping || !shutdown_answers_.empty()) {
    options_.manager->still_stopping(stop_extension);
  } else {
    options_.manager->is_alive();
  }
}

void supervisor_state::check_children() {
  self_->delayed_send(self_, options_.ping_interval, check_children_atom_v);
  tell_manager();
  if (phase_ == phase::stopping) {
    return;
  }
  monitor_.begin_round(options_.ping_interval);
  for (const child_spec& spec : options_.tree.core) {
    check(children_.core(spec.name), spec.ping_timeout);
  }
  for (std::uint32_t number = 1; number <= settings_.current().max_workers; ++number) {
    if (child* worker = children_.find_worker(worker_name(number))) {
      check(*worker, options_.worker_ping_timeout);
    }
  }
  if (directory_.metrics) {
    self_->send(directory_.metrics, report_tree(children_));
  }
}

void supervisor_state::check(child& asked, milliseconds timeout) {
  if (const auto silent_for = monitor_.check(asked, timeout)) {
    abandon(asked, "it has not answered for " + format_duration(*silent_for));
  }
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
              if (const child* known = children_.find_worker(shown.worker_id)) {
                shown.restarts = known->restarts;
                shown.started_at = known->started_at;
              }
            }
            answer->deliver(std::move(status.workers));
          },
          [answer](caf::error& reason) { answer->fail(std::move(reason)); }
      );
  return caf::delegated<std::vector<worker_status>>{};
}

tree_status supervisor_state::report_status() {
  tree_status tree = describe_tree(options_.tree, children_);
  tree.started_at = started_at_;
  tree.max_restarts = static_cast<std::uint32_t>(options_.max_restarts);
  tree.restart_window = options_.restart_window;
  tree.recent_restarts = static_cast<std::uint32_t>(window_.count(self_->clock().now()));
  return tree;
}

settings_update supervisor_state::change_settings(const std::vector<settings_change>& changes) {
  settings_update update = settings_.change(changes);
  if (!update.problems.empty()) {
    return update;
  }
  settings_.publish(options_.tree, children_);
  if (phase_ == phase::up && !children_.is_core_ending()) {
    starter_.scale_workers({options_.tree, *options_.clock, settings_.current()});
  }
  return update;
}

caf::result<unit_value> supervisor_state::inject_fault(
    const std::string& child_name, milliseconds hang_for
) {
  if (!settings_.current().enable_chaos) {
    return to_error({error_class::permission, "WORKER_ENABLE_CHAOS is off"});
  }
  const child* target = children_.find(child_name);
  if (target == nullptr || !target->handle) {
    return to_error({error_class::not_found, "no actor is called " + child_name});
  }
  tell(target->handle, fault_atom_v, hang_for);
  return unit_value{};
}

supervisor_impl::behavior_type supervisor_state::make_behavior(supervisor_options options) {
  options_ = std::move(options);
  settings_ = live_settings{options_.config};
  window_ = policies::restart_window{options_.max_restarts, options_.restart_window};
  should_dispatch_ = options_.dispatch_at_start;
  started_at_ = options_.clock->now();
  self_->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { child_down(down); });
  start_missing();
  self_->delayed_send(self_, options_.ping_interval, check_children_atom_v);
  using self = supervisor_state;
  return {
      handle<start_atom>(*this, &self::start),
      handle<drain_atom>(*this, &self::drain),
      handle<shutdown_atom>(*this, &self::shut_down),
      handle<workers_atom>(*this, &self::list_workers),
      handle<tree_atom>(*this, &self::report_status),
      handle<settings_atom>(*this, &self::current_settings),
      handle<settings_atom>(*this, &self::change_settings),
      handle<fault_atom>(*this, &self::inject_fault),
      handle<watch_atom>(*this, &self::watch),
      handle<end_overdue_atom>(*this, &self::end_overdue),
      handle<end_backoff_atom>(*this, &self::end_backoff),
      handle<check_children_atom>(*this, &self::check_children),
  };
}

supervisor_impl::behavior_type supervisor(
    supervisor_state::pointer self, supervisor_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
