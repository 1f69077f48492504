// SPDX-License-Identifier: MIT
#include "actors/monitoring/readiness.hpp"

#include "actors/monitoring/health.hpp"
#include "actors/support/failure.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

void readiness::ask(on_report done) {
  if (last_ && self_->clock().now() - last_taken_ < options_.max_age) {
    done(*last_);
    return;
  }
  askers_.push_back(std::move(done));
  if (open_checks_ == 0) {
    start_round();
  }
}

void readiness::start_round() {
  const char* const dispatcher = options_.parts.coordinator ? "coordinator" : "queue";
  round_ = {};
  for (const char* part : {dispatcher, "codec"}) {
    round_.checks.push_back({part, health_state::starting, "not started yet", {}});
  }
  dispatch_status_ = {};
  open_checks_ = 2;
  ask_dispatch();
  ask_codec();
}

void readiness::ask_dispatch() {
  if (!options_.parts.dispatch) {
    conclude_check();
    return;
  }
  self_->request(options_.parts.dispatch, options_.timeout, probe_atom_v)
      .then(
          [this](const dispatch_status& status) {
            dispatch_status_ = status;
            if (status.has_begun) {
              options_.has_started->store(true);
            }
            if (options_.has_started->load()) {
              dispatch() = {dispatch().name, health_state::healthy, {}, {}};
            } else {
              dispatch().message = options_.parts.coordinator
                                       ? "no coordinator has been joined yet"
                                       : "the job store has not answered yet";
            }
            conclude_check();
          },
          [this](const caf::error& error) {
            dispatch().state = health_state::unhealthy;
            dispatch().message = to_failure(error).message;
            conclude_check();
          }
      );
}

void readiness::ask_codec() {
  if (!options_.parts.images) {
    conclude_check();
    return;
  }
  self_->request(options_.parts.images, options_.timeout, status_atom_v)
      .then(
          [this](const codec_status& status) {
            const auto state =
                status.problem.empty() ? health_state::healthy : health_state::unhealthy;
            codec() = {codec().name, state, status.problem, {}};
            conclude_check();
          },
          [this](const caf::error& error) {
            codec().state = health_state::degraded;
            codec().message = to_failure(error).message;
            conclude_check();
          }
      );
}

void readiness::conclude_check() {
  if (--open_checks_ > 0) {
    return;
  }
  round_.at = options_.clock->now();
  round_.state = overall(round_.checks);
  round_.has_started = options_.has_started->load();
  round_.is_ready =
      round_.has_started && dispatch_status_.is_open && codec().state != health_state::unhealthy;
  last_ = std::exchange(round_, {});
  last_taken_ = self_->clock().now();
  // One of them may ask again.
  const health_report shown = *last_;
  for (const auto& done : std::exchange(askers_, {})) {
    done(shown);
  }
}

}  // namespace stayler::actors
