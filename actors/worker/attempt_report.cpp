// SPDX-License-Identifier: MIT
#include "actors/worker/attempt_report.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/tell.hpp"
#include "adapters/log/log.hpp"
#include "adapters/log/log_users.hpp"

#include <string>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::worker::log;

/// Pause before an outcome that the store could not take is reported again.
constexpr milliseconds report_again{1'000};

}  // namespace

void attempt_report::complete() {
  end({.kind = attempt_outcome_kind::completed, .result = context_.current->job.result});
}

void attempt_report::fail(const failure& error) {
  const attempt& failed = *context_.current;
  log.info(
      "a job failed", {{"jobId", failed.job.id},
                       {"attempt", failed.job.token},
                       adapters::user_field(failed.job.request.user_id),
                       {"worker", context_.options.worker_id},
                       {"traceId", trace_id_text(failed.job.request.trace)},
                       {"stage", to_string(failed.stage)},
                       {"errorClass", error.kind},
                       {"reason", error.message}}
  );
  remove_result();
  end({.kind = attempt_outcome_kind::failed, .error = error});
}

void attempt_report::time_out() {
  if (const failure refusal = context_.current->refusal) {
    const std::string& id = context_.current->job.result.image_id;
    fail(
        {refusal.kind, "a picture was made, and is not taken: " + refusal.message
                           + (id.empty() ? "" : "; it is image " + id)}
    );
    return;
  }
  const std::string stage{to_string(context_.current->stage)};
  context_.self->send(context_.options.peers.gemini, abort_atom_v, context_.current->id());
  fail({error_class::timeout, "the attempt took longer than the job's timeout, in stage " + stage});
}

void attempt_report::hand_back() {
  context_.self->send(context_.options.peers.gemini, abort_atom_v, context_.current->id());
  remove_result();
  end({.kind = attempt_outcome_kind::released});
}

void attempt_report::end(attempt_outcome outcome) {
  const bool is_handed_back = outcome.kind == attempt_outcome_kind::released;
  context_.end_step(is_handed_back ? error_class::cancelled : outcome.error.kind);
  context_.change_stage(job_stage::queued);
  context_.current->outcome = std::move(outcome);
  context_.current->images = {};
  send();
}

void attempt_report::send() {
  const attempt& ended = *context_.current;
  context_.self
      ->request(
          context_.options.peers.queue, peer_timeout, finish_atom_v, ended.id(), *ended.outcome
      )
      .then(
          [this](unit_value) { become_idle(); },
          [this](const caf::error& why) { on_not_reported(to_failure(why)); }
      );
}

void attempt_report::on_not_reported(const failure& why) {
  attempt& ended = *context_.current;
  if (why.kind == error_class::conflict) {
    // An earlier report may have arrived, and its answer been lost: then the job is completed, and
    // the image is its result.
    ended.owns_result = ended.owns_result && !ended.may_be_completed;
    remove_result();
    become_idle();
    return;
  }
  ended.may_be_completed = ended.outcome->kind == attempt_outcome_kind::completed;
  context_.self->delayed_send(context_.self, report_again, report_again_atom_v, ended.id());
}

void attempt_report::remove_result() {
  if (std::exchange(context_.current->owns_result, false)) {
    tell(context_.options.peers.library, remove_atom_v, context_.current->job.result.image_id);
  }
}

void attempt_report::become_idle() {
  context_.current.reset();
  on_idle_();
}

}  // namespace stayler::actors
