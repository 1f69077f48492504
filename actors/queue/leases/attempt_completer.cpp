// SPDX-License-Identifier: MIT
#include "actors/queue/leases/attempt_completer.hpp"

#include "adapters/log/log.hpp"
#include "adapters/log/log_users.hpp"
#include "messages/jobs/suspect.hpp"
#include "policies/retry/retry_policy.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

using adapters::logs::queue::log;

/// How long the retry scheduler may think; it decides at once unless it is being restarted.
constexpr std::chrono::seconds decide_timeout{5};

/// Why a job that was lost is given up, in full: what may have been paid for is said, and where
/// that alone forbids another attempt, the loss of its workers is not to blame.
failure given_up_for(failure error, const job& lost, crash_retry when, const settings& policy) {
  const std::uint32_t calls = policies::ambiguous_calls_of(lost);
  if (error.kind != error_class::worker_lost || calls == 0) {
    return error;
  }
  error.message += "; calls to the provider of unknown fate: " + std::to_string(calls);
  if (when != crash_retry::never && policies::may_cost_too_much(lost, policy)) {
    error.kind = error_class::ambiguous_call;
    error.message +=
        ", of which maxAmbiguousCalls allows " + std::to_string(policy.max_ambiguous_calls);
  }
  return error;
}

void log_end(const job& after) {
  const failure reason = after.attempts.empty() ? failure{} : after.attempts.back().error;
  log.info(
      "an attempt ended without a result", {{"jobId", after.id},
                                            {"attempt", after.token},
                                            adapters::user_field(after.request.user_id),
                                            {"traceId", trace_id_text(after.request.trace)},
                                            {"jobStatus", to_string(after.status)},
                                            {"errorClass", reason.kind},
                                            {"reason", reason.message}}
  );
}

void log_suspect(const job& after) {
  if (is_suspect(after)) {
    log.warning(
        "a job that has lost its workers is a suspect, and is to run alone",
        {{"jobId", after.id},
         {"traceId", trace_id_text(after.request.trace)},
         {"crashes", after.crashes}}
    );
  }
}

}  // namespace

void attempt_completer::end(const job& attempted, const attempt_outcome& outcome, on_written done) {
  switch (outcome.kind) {
    case attempt_outcome_kind::completed:
      ++unwritten_;
      write(
          op::complete{current_attempt(attempted), outcome.result}, job_event_kind::completed,
          error_class::none, std::move(done)
      );
      break;
    case attempt_outcome_kind::failed:
      decide(std::make_shared<failed_attempt>(failed_attempt{
          .attempted = attempted,
          .error = outcome.error,
          .cause = op::end_of_lease::failed,
          .done = std::move(done)}));
      break;
    case attempt_outcome_kind::released:
      hand_back(attempted, std::move(done));
      break;
  }
}

void attempt_completer::crash(const job& attempted, const failure& error, crash_retry when) {
  decide(std::make_shared<failed_attempt>(failed_attempt{
      .attempted = attempted,
      .error = error,
      .cause = op::end_of_lease::crashed,
      .when = when,
      .done = [](const failure&) {}}));
}

void attempt_completer::hand_back(const job& unfinished, on_written done) {
  ++unwritten_;
  context_.wants_claim = true;
  write(
      op::requeue{current_attempt(unfinished), op::end_of_lease::interrupted, {}, {}},
      job_event_kind::interrupted, error_class::none, std::move(done)
  );
}

void attempt_completer::decide(std::shared_ptr<failed_attempt> ended) {
  ++unwritten_;
  if (ended->when == crash_retry::never) {
    write_decision(*ended, {});
    return;
  }
  const auto on_decided = [this, ended](retry_decision decision) {
    if (ended->when == crash_retry::at_once) {
      decision.due_at = {};
      context_.wants_claim = true;
    }
    write_decision(*ended, decision);
  };
  const auto on_nobody = [this, ended](const caf::error&) {
    // The rules hold without the scheduler; what is missing is its budget, so that nothing is back
    // soon.
    const settings& policy = context_.options.config;
    const timestamp now = context_.now();
    retry_decision decision =
        policies::decide_retry(ended->attempted, ended->error, policy, now, [] { return 1.0; });
    decision.due_at = std::max(decision.due_at, now + policy.retry_delay);
    write_decision(*ended, decision);
  };
  context_.self
      ->request(
          context_.options.retries, decide_timeout, decide_atom_v, ended->attempted, ended->error
      )
      .then(on_decided, on_nobody);
}

void attempt_completer::write_decision(
    const failed_attempt& ended, const retry_decision& decision
) {
  const attempt_id attempt = current_attempt(ended.attempted);
  if (decision.will_retry) {
    const auto cause = decision.refund ? op::end_of_lease::refunded : ended.cause;
    write(
        op::requeue{attempt, cause, ended.error, decision.due_at}, job_event_kind::retried,
        ended.error.kind, ended.done
    );
  } else {
    const failure reason =
        given_up_for(ended.error, ended.attempted, ended.when, context_.options.config);
    write(op::fail{attempt, ended.cause, reason}, job_event_kind::failed, reason.kind, ended.done);
  }
}

void attempt_completer::write(
    adapters::store_change change, job_event_kind kind, error_class error, on_written done
) {
  const auto on_reply = [=, this, done = std::move(done)](adapters::store_reply& reply) {
    --unwritten_;
    if (!reply.error) {
      const job& after = reply.jobs.front();
      context_.events.add(kind, after, error);
      if (kind != job_event_kind::completed) {
        log_end(after);
      }
      if (kind == job_event_kind::retried && error == error_class::worker_lost) {
        log_suspect(after);
      }
      if (kind == job_event_kind::failed) {
        notices_.send_ended(after);
      }
    }
    done(reply.error);
  };
  context_.batcher.write(std::move(change), on_reply);
}

}  // namespace stayler::actors
