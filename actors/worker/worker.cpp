// SPDX-License-Identifier: MIT
#include "actors/worker/worker.hpp"

#include "actors/support/failure.hpp"
#include "actors/supervision/supervised.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::worker};

/// Pause before an outcome that the store could not take is reported again.
constexpr milliseconds report_again{1'000};

}  // namespace

worker_peers peers_from(const directory& parts) {
  return {parts.queue,  parts.records, parts.notifier, parts.library,
          parts.images, parts.gemini,  parts.cache,    parts.metrics};
}

void worker_state::begin(pointer self, worker_options options) {
  self_ = self;
  install_supervision(self);
  options_ = std::move(options);
  self->send(options_.peers.queue, join_atom_v, options_.worker_id, worker_actor{self});
}

bool worker_state::is_current(const attempt_id& attempt) const {
  return job_ && current_attempt(*job_) == attempt;
}

milliseconds worker_state::time_left() const {
  return std::max(milliseconds{1}, deadline_ - options_.clock->now());
}

void worker_state::enter(job_stage stage, std::uint32_t percent) {
  leave_stage();
  stage_ = stage;
  stage_began_ = self_->clock().now();
  caf::anon_send(
      options_.peers.queue, report_atom_v, current_attempt(*job_), job_progress{stage, percent}
  );
}

void worker_state::leave_stage() {
  if (stage_ == job_stage::queued) {
    return;
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - stage_began_);
  self_->send(options_.peers.metrics, stage_event{stage_, took});
  stage_ = job_stage::queued;
}

void worker_state::assign(job& leased) {
  job_ = std::move(leased);
  const attempt_id attempt = current_attempt(*job_);
  const milliseconds timeout =
      job_->request.timeout.count() > 0 ? job_->request.timeout : options_.config.job_timeout;
  deadline_ = options_.clock->now() + timeout;
  self_->delayed_send(self_, timeout, caf::tick_atom_v, attempt);
  self_->delayed_send(self_, options_.renew_interval, renew_atom_v, attempt);
  mark_processing();
}

void worker_state::complete() {
  leave_stage();
  settle({.kind = attempt_outcome_kind::completed, .result = job_->result});
}

void worker_state::fail(const failure& error) {
  log.info(
      "a job failed", {{"jobId", job_->id},
                       {"attempt", job_->token},
                       {"worker", options_.worker_id},
                       {"stage", to_string(stage_)},
                       {"errorClass", error.kind},
                       {"reason", error.message}}
  );
  leave_stage();
  remove_result();
  settle({.kind = attempt_outcome_kind::failed, .error = error});
}

void worker_state::cancel(const attempt_id& attempt) {
  if (is_current(attempt) && !outcome_) {
    stop(attempt_outcome_kind::released);
  }
}

void worker_state::release() {
  if (job_ && !outcome_) {
    stop(attempt_outcome_kind::released);
  }
}

void worker_state::stop(attempt_outcome_kind kind) {
  self_->send(options_.peers.gemini, abort_atom_v, current_attempt(*job_));
  leave_stage();
  remove_result();
  settle({.kind = kind});
}

void worker_state::time_out(const attempt_id& attempt) {
  if (!is_current(attempt) || outcome_) {
    return;
  }
  self_->send(options_.peers.gemini, abort_atom_v, attempt);
  fail(
      {error_class::timeout,
       "the attempt took longer than the job's timeout, in stage " + std::string{to_string(stage_)},
       {}}
  );
}

void worker_state::remove_result() {
  if (std::exchange(is_stored_, false)) {
    caf::anon_send(options_.peers.library, remove_atom_v, job_->result.image_id);
  }
}

void worker_state::renew(const attempt_id& attempt) {
  if (!is_current(attempt)) {
    return;
  }
  self_->delayed_send(self_, options_.renew_interval, renew_atom_v, attempt);
  self_->request(options_.peers.queue, peer_timeout, renew_atom_v, attempt)
      .then(
          [](unit_value) {},
          [this, attempt](const caf::error& reason) {
            if (to_failure(reason).kind == error_class::conflict) {
              cancel(attempt);
            }
          }
      );
}

void worker_state::settle(attempt_outcome outcome) {
  outcome_ = std::move(outcome);
  pictures_.clear();
  generated_ = {};
  signatures_.clear();
  report_outcome(current_attempt(*job_));
}

void worker_state::report_outcome(const attempt_id& attempt) {
  if (!is_current(attempt) || !outcome_) {
    return;
  }
  self_->request(options_.peers.queue, peer_timeout, finish_atom_v, attempt, *outcome_)
      .then(
          [this](unit_value) { become_idle(); },
          [this, attempt](const caf::error& reason) {
            if (to_failure(reason).kind == error_class::conflict) {
              // An earlier report may have been heard, and its answer lost: then the job is
              // completed, and the picture is its result.
              is_stored_ = is_stored_ && !may_be_reported_;
              remove_result();
              become_idle();
              return;
            }
            may_be_reported_ = outcome_->kind == attempt_outcome_kind::completed;
            self_->delayed_send(self_, report_again, finish_atom_v, attempt);
          }
      );
}

void worker_state::become_idle() {
  job_.reset();
  outcome_.reset();
  is_stored_ = false;
  may_be_reported_ = false;
  waiting_step_ = nullptr;
  if (is_retiring_) {
    retire();
  }
}

void worker_state::retire() {
  is_retiring_ = true;
  if (job_) {
    return;
  }
  self_->request(options_.peers.queue, peer_timeout, leave_atom_v, options_.worker_id)
      .then(
          [this](bool may_go) {
            if (may_go) {
              self_->quit();
            }
            // Otherwise a job is on its way here; become_idle() asks again.
          },
          [this](const caf::error&) { self_->quit(); }
      );
}

worker_impl::behavior_type worker(worker_state::pointer self, worker_options options) {
  self->state.begin(self, std::move(options));
  auto& state = self->state;
  return {
      [&state](assign_atom, job& leased) { state.assign(leased); },
      [&state](cancel_atom, const attempt_id& attempt) { state.cancel(attempt); },
      [&state](release_atom) { state.release(); },
      [&state](retire_atom) { state.retire(); },
      [&state](settings_atom, settings& changed) { state.change_settings(changed); },
      [&state](renew_atom, const attempt_id& attempt) { state.renew(attempt); },
      [&state](caf::tick_atom, const attempt_id& attempt) { state.time_out(attempt); },
      [&state](finish_atom, const attempt_id& attempt) { state.report_outcome(attempt); },
      [&state](retry_atom, const attempt_id& attempt) { state.take_step_again(attempt); },
  };
}

}  // namespace stayler::actors
