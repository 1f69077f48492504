// SPDX-License-Identifier: MIT

// The order in which everything ends.

#include "actors/supervision/supervisor.hpp"
#include "adapters/log/log.hpp"
#include "messages/base/duration.hpp"

#include <algorithm>

namespace stayler::actors {

namespace {

using adapters::logs::supervisor::log;

/// Over the drain timeout: workers that must be told to stop get a second, the answer a moment.
constexpr milliseconds drain_margin{3'000};

}  // namespace

void supervisor_state::end_overdue(const caf::actor_addr& address) {
  child* overdue = children_.find_running(address);
  if (overdue != nullptr && !terminator_.kill(*overdue)) {
    // Nobody waits for it any longer: neither those who are to be restarted with it, nor the end.
    abandon(*overdue, "it does not end");
  }
}

void supervisor_state::stop_everything() {
  phase_ = phase::stopping;
  end_next();
}

void supervisor_state::end_next() {
  if (terminator_.end_workers()) {
    return;
  }
  const auto& specs = options_.tree.core;
  const auto last = std::find_if(specs.rbegin(), specs.rend(), [this](const child_spec& spec) {
    return static_cast<bool>(children_.core(spec.name).handle);
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
  child& ending = children_.core(spec.name);
  log.debug(spec.flush_first ? "flushing an actor" : "ending an actor", {{"actor", spec.name}});
  if (!spec.flush_first) {
    terminator_.end(ending, spec.stop_timeout);
    return;
  }
  const auto go_on = [this, &ending, &spec] {
    log.debug("ending an actor", {{"actor", spec.name}});
    terminator_.end(ending, spec.stop_timeout);
  };
  self_->request(ending.handle, terminator_.shortened(spec.stop_timeout), flush_atom_v)
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
