// SPDX-License-Identifier: MIT

// How children are told to end, and the order in which everything does.

#include "actors/supervision/supervisor.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::supervisor};

/// Over the drain timeout: workers that must be told to stop get a second, the answer a moment.
constexpr milliseconds drain_margin{3'000};

constexpr milliseconds worker_stop_timeout{5'000};

/// Where the service is given up nothing is worth a longer wait: what counts is stored.
constexpr milliseconds hurried_stop_timeout{1'000};

/// Who is killed ends at once, unless it is stuck in a handler.
constexpr milliseconds kill_timeout{1'000};

}  // namespace

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
  self_->delayed_send(self_, hurried(timeout), abort_atom_v, ending.handle.address());
}

milliseconds supervisor_state::hurried(milliseconds timeout) const {
  return has_failed_ ? std::min(timeout, hurried_stop_timeout) : timeout;
}

void supervisor_state::end_overdue(const caf::actor_addr& address) {
  for (auto* group : {&core_, &workers_}) {
    for (auto& [child_name, overdue] : *group) {
      if (!overdue.handle || overdue.handle.address() != address) {
        continue;
      }
      log.error("an actor does not end", {{"actor", child_name}});
      if (!std::exchange(overdue.is_killed, true)) {
        self_->send_exit(overdue.handle, caf::exit_reason::kill);
        self_->delayed_send(self_, kill_timeout, abort_atom_v, address);
        return;
      }
      // Nobody waits for it any longer: neither those who are to be restarted with it, nor the end.
      abandon(std::string{child_name}, overdue, "it does not end");
      return;
    }
  }
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
    answer.deliver(unit_value{});
  }
  has_failed_ ? self_->quit(caf::sec::runtime_error) : self_->quit();
}

void supervisor_state::flush_and_end(const child_spec& spec) {
  child& ending = core_[spec.name];
  log.debug(spec.flush_first ? "flushing an actor" : "ending an actor", {{"actor", spec.name}});
  if (!spec.flush_first) {
    end(ending, spec.stop_timeout);
    return;
  }
  const auto go_on = [this, &ending, &spec] {
    log.debug("ending an actor", {{"actor", spec.name}});
    end(ending, spec.stop_timeout);
  };
  self_->request(ending.handle, hurried(spec.stop_timeout), flush_atom_v)
      .then([go_on](unit_value) { go_on(); }, [go_on](const caf::error&) { go_on(); });
}

caf::result<unit_value> supervisor_state::shut_down(milliseconds timeout) {
  shutdown_answers_.push_back(make_reply_promise<unit_value>(self_));
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
  self_->request(directory_.dispatch, timeout + drain_margin, drain_atom_v, timeout)
      .then([go_on](unit_value) { go_on(); }, [go_on](const caf::error&) { go_on(); });
  return caf::delegated<unit_value>{};
}

}  // namespace stayler::actors
