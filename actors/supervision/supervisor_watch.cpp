// SPDX-License-Identifier: MIT

// Children are asked whether they live, and the tree is described to those who ask.

#include "actors/supervision/supervised.hpp"
#include "actors/supervision/supervisor.hpp"
#include "adapters/log/log.hpp"

#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::supervisor};

}  // namespace

void supervisor_state::check_children() {
  self_->delayed_send(self_, options_.ping_interval, caf::tick_atom_v);
  if (phase_ == phase::stopping) {
    return;
  }
  const clock_time now = self_->clock().now();
  // Where this actor itself has slept (a stopped process, a starved machine) the answers lie in its
  // mailbox behind this message: nobody is blamed before the next round.
  const bool has_slept = now - std::exchange(last_look_, now) > 2 * options_.ping_interval;
  for (const child_spec& spec : options_.tree.core) {
    check_child(spec.name, core_[spec.name], has_slept ? milliseconds{0} : spec.ping_timeout);
  }
  for (std::uint32_t number = 1; number <= options_.config.max_workers; ++number) {
    const auto found = workers_.find("worker-" + std::to_string(number));
    if (found != workers_.end()) {
      check_child(
          found->first, found->second, has_slept ? milliseconds{0} : options_.worker_ping_timeout
      );
    }
  }
  tell_metrics();
}

void supervisor_state::check_child(
    const std::string& child_name, child& asked, milliseconds timeout
) {
  if (!asked.handle || asked.is_ending) {
    return;
  }
  if (!asked.asked_at) {
    ping(asked);
    return;
  }
  const auto silent_for =
      std::chrono::duration_cast<milliseconds>(self_->clock().now() - *asked.asked_at);
  if (timeout.count() > 0 && silent_for >= timeout) {
    abandon(child_name, asked, "it has not answered for " + format_duration(silent_for));
  }
}

void supervisor_state::ping(child& asked) {
  asked.asked_at = self_->clock().now();
  const caf::actor_addr address = asked.handle.address();
  self_->request(asked.handle, caf::infinite, caf::ping_atom_v)
      .then(
          [this, address](const ping_reply& answer) { on_ping_reply(address, answer.mailbox); },
          // Whatever else it says, it says something; its end is told by the down message.
          [this, address](const caf::error&) { on_ping_reply(address, 0); }
      );
}

void supervisor_state::on_ping_reply(const caf::actor_addr& address, std::uint64_t mailbox) {
  for (auto* group : {&core_, &workers_}) {
    for (auto& [child_name, alive] : *group) {
      if (alive.handle && alive.handle.address() == address) {
        alive.asked_at.reset();
        alive.mailbox = mailbox;
        return;
      }
    }
  }
}

void supervisor_state::abandon(
    const std::string& child_name, child& stuck, const std::string& why
) {
  // A handler that does not return cannot be stopped: its thread is lost, and with it what the
  // actor holds. Whoever waits for an answer of it has a timeout. If it does return one day, the
  // actor ends at once, and the thread is there again.
  stuck_[stuck.handle.address()] = child_name;
  self_->send_exit(stuck.handle, caf::exit_reason::kill);
  stuck.handle = nullptr;
  stuck.last_failure = why;
  stuck.last_failure_at = options_.clock->now();
  if (stuck_.size() > options_.max_written_off && phase_ == phase::up) {
    escalate(child_name, why + ", and too many others are stuck");
    return;
  }
  const caf::error reason = to_error(failure{error_class::timeout, why, {}});
  core_.count(child_name) > 0 ? core_down(child_name, reason) : worker_down(child_name, reason);
}

void supervisor_state::on_stuck_actor_returned(const std::string& child_name) {
  log.warning("an actor that was written off has ended after all", {{"actor", child_name}});
}

void supervisor_state::tell_metrics() {
  if (!directory_.metrics) {
    return;
  }
  tree_report report;
  report.written_off = static_cast<std::uint32_t>(stuck_.size());
  for (const auto* group : {&core_, &workers_}) {
    for (const auto& [child_name, one] : *group) {
      report.mailboxes.push_back({child_name, one.mailbox});
    }
  }
  self_->send(directory_.metrics, std::move(report));
}

child_status supervisor_state::describe_child(const std::string& child_name, const child& one)
    const {
  child_status shown;
  shown.name = child_name;
  shown.restarts = one.restarts;
  shown.mailbox = one.mailbox;
  shown.last_failure_at = one.last_failure_at;
  shown.last_failure = one.last_failure;
  if (one.handle) {
    const bool is_leaving = one.is_ending || one.is_retiring;
    shown.state = is_leaving ? child_state::ending : child_state::running;
    shown.started_at = one.started_at;
  } else if (one.is_backing_off) {
    shown.state = child_state::backing_off;
  } else {
    shown.state = one.is_finished ? child_state::stopped : child_state::waiting;
  }
  return shown;
}

tree_status supervisor_state::describe_tree() {
  tree_status tree;
  tree.started_at = started_at_;
  tree.max_restarts = static_cast<std::uint32_t>(options_.max_restarts);
  tree.restart_window = options_.restart_window;
  tree.recent_restarts = static_cast<std::uint32_t>(window_.count(self_->clock().now()));
  tree.written_off = static_cast<std::uint32_t>(stuck_.size());
  for (const child_spec& spec : options_.tree.core) {
    child_status shown = describe_child(spec.name, core_[spec.name]);
    shown.restart = spec.restart;
    shown.depends_on = spec.depends_on;
    tree.core.push_back(std::move(shown));
  }
  for (const auto& [child_name, worker] : workers_) {
    tree.workers.push_back(describe_child(child_name, worker));
  }
  return tree;
}

}  // namespace stayler::actors
