// SPDX-License-Identifier: MIT
#include "adapters/job_store/job_transitions.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

using store_op::end_of_lease;

failure lease_has_moved(const job& j, const attempt_id& attempt) {
  std::string message = fmt::format(
      "attempt {} no longer holds the lease: the job is {}", to_string(attempt), to_string(j.status)
  );
  if (j.token != attempt.token) {
    message += fmt::format(", its token {}", static_cast<std::uint64_t>(j.token));
  }
  return {error_class::conflict, std::move(message)};
}

failure not_allowed(const job& j, std::string_view wish) {
  return {
      error_class::conflict,
      fmt::format("job {} is {} and cannot be {}", to_string(j.id), to_string(j.status), wish)};
}

bool holds_lease(const job& j, const attempt_id& attempt) noexcept {
  return j.status == job_status::processing && j.token == attempt.token;
}

/// True where the last attempt is the one named and ended with that very error.
bool ended_like_this(const job& j, const attempt_id& attempt, const failure& error) {
  return j.token == attempt.token && !j.attempts.empty() && j.attempts.back().token == attempt.token
         && is_set(j.attempts.back().ended_at) && j.attempts.back().error == error;
}

/// Room for one more.
template <class Entry>
void keep_latest(std::vector<Entry>& entries) {
  if (entries.size() >= history_limit) {
    const auto surplus = static_cast<std::ptrdiff_t>(entries.size() - history_limit + 1);
    entries.erase(entries.begin(), entries.begin() + surplus);
  }
}

/// The call of the last attempt, null where it has made none.
provider_call* current_call(job& j) {
  return !j.calls.empty() && j.calls.back().token == j.token ? &j.calls.back() : nullptr;
}

void close_call(job& j, call_state state, error_class outcome, timestamp now) {
  provider_call* call = current_call(j);
  if (call == nullptr || call->state != call_state::open) {
    return;
  }
  call->state = state;
  call->outcome = outcome;
  call->closed_at = now;
  j.ambiguous_calls += state == call_state::ambiguous ? 1 : 0;
}

/// How an attempt's open call stands when its lease ends like that.
call_state call_after(end_of_lease cause) noexcept {
  return cause == end_of_lease::crashed ? call_state::ambiguous : call_state::aborted;
}

bool may_be_billed(const job& j) {
  return std::any_of(j.calls.begin(), j.calls.end(), [](const provider_call& call) {
    return call.state != call_state::settled || call.outcome == error_class::none;
  });
}

void end_lease(stored_job& stored, const failure& error, timestamp now) {
  job& j = stored.value;
  if (!j.attempts.empty() && j.attempts.back().token == j.token) {
    j.attempts.back().ended_at = now;
    j.attempts.back().error = error;
  }
  j.lease_expires_at = {};
  j.updated_at = now;
  stored.instance_id.clear();
}

void count_end(job& j, end_of_lease cause) noexcept {
  switch (cause) {
    case end_of_lease::failed:
      ++j.failures;
      break;
    case end_of_lease::refunded:
      break;
    case end_of_lease::interrupted:
      ++j.interruptions;
      break;
    case end_of_lease::crashed:
      ++j.crashes;
      break;
  }
}

void wait_again(stored_job& stored, timestamp due_at) {
  job& j = stored.value;
  j.status = is_set(due_at) ? job_status::scheduled : job_status::pending;
  j.due_at = due_at;
  j.progress = {};
}

void finish(job& j, job_status status, timestamp now) {
  j.status = status;
  j.completed_at = now;
  j.updated_at = now;
  j.due_at = {};
}

}  // namespace

stored_job admit(job value, timestamp now) {
  job fresh;
  fresh.id = value.id;
  fresh.request = std::move(value.request);
  fresh.created_at = is_set(value.created_at) ? value.created_at : now;
  fresh.updated_at = now;
  if (fresh.request.run_at > now) {
    fresh.status = job_status::scheduled;
    fresh.due_at = fresh.request.run_at;
  }
  return {std::move(fresh), {}, precedence::none};
}

void make_due(stored_job& stored, timestamp now) {
  stored.value.status = job_status::pending;
  stored.value.updated_at = now;
}

void give_lease(
    stored_job& stored,
    const std::string& worker,
    const std::string& instance_id,
    milliseconds lease,
    timestamp now
) {
  job& j = stored.value;
  j.token = static_cast<fencing_token>(static_cast<std::uint64_t>(j.token) + 1);
  j.status = job_status::processing;
  j.progress = {};
  j.worker_id = worker;
  j.due_at = {};
  j.lease_expires_at = now + lease;
  j.started_at = now;
  j.updated_at = now;
  keep_latest(j.attempts);
  j.attempts.push_back({j.token, worker, now, {}, {}});
  stored.instance_id = instance_id;
  stored.over = precedence::none;
}

void take_lease_back(stored_job& stored, std::string_view reason, timestamp now) {
  close_call(stored.value, call_state::aborted, error_class::none, now);
  end_lease(
      stored, {error_class::unavailable, fmt::format("the lease was taken back: {}", reason)}, now
  );
  count_end(stored.value, end_of_lease::interrupted);
  wait_again(stored, {});
}

result<change_effect> apply(stored_job& stored, const store_op::renew& change, timestamp now) {
  job& j = stored.value;
  if (!holds_lease(j, change.attempt)) {
    return lease_has_moved(j, change.attempt);
  }
  j.lease_expires_at = now + change.lease;
  return change_effect::applied;
}

result<change_effect> apply(
    stored_job& stored, const store_op::update_progress& change, timestamp now
) {
  job& j = stored.value;
  if (!holds_lease(j, change.attempt)) {
    return lease_has_moved(j, change.attempt);
  }
  const std::uint32_t percent = std::min(change.progress.percent, 100U);
  const bool is_behind =
      change.progress.stage < j.progress.stage
      || (change.progress.stage == j.progress.stage && percent <= j.progress.percent);
  if (is_behind) {
    return change_effect::repeated;
  }
  if (change.progress.stage != j.progress.stage && !j.attempts.empty()) {
    j.attempts.back().stages.push_back({change.progress.stage, now});
  }
  j.progress = {change.progress.stage, std::max(percent, j.progress.percent)};
  j.updated_at = now;
  return change_effect::applied;
}

result<change_effect> apply(stored_job& stored, const store_op::open_call& change, timestamp now) {
  job& j = stored.value;
  if (!holds_lease(j, change.attempt)) {
    return lease_has_moved(j, change.attempt);
  }
  if (current_call(j) != nullptr) {
    return change_effect::repeated;
  }
  keep_latest(j.calls);
  provider_call& call = j.calls.emplace_back();
  call.token = j.token;
  call.opened_at = now;
  return change_effect::applied;
}

result<change_effect> apply(
    stored_job& stored, const store_op::settle_call& change, timestamp now
) {
  job& j = stored.value;
  if (!holds_lease(j, change.attempt)) {
    return lease_has_moved(j, change.attempt);
  }
  provider_call* call = current_call(j);
  if (call != nullptr && call->state == call_state::open) {
    call->tokens = change.settlement.tokens;
    call->cost = change.settlement.cost;
  }
  close_call(j, call_state::settled, change.settlement.outcome, now);
  return change_effect::applied;
}

result<change_effect> apply(stored_job& stored, const store_op::complete& change, timestamp now) {
  job& j = stored.value;
  if (j.status == job_status::completed && j.token == change.attempt.token) {
    return change_effect::repeated;
  }
  if (!holds_lease(j, change.attempt)) {
    return lease_has_moved(j, change.attempt);
  }
  close_call(j, call_state::settled, error_class::none, now);
  end_lease(stored, {}, now);
  finish(j, job_status::completed, now);
  j.result = change.result;
  j.error = {};
  j.progress = {job_stage::done, 100};
  return change_effect::applied;
}

result<change_effect> apply(stored_job& stored, const store_op::requeue& change, timestamp now) {
  job& j = stored.value;
  if (is_waiting(j.status) && ended_like_this(j, change.attempt, change.error)) {
    return change_effect::repeated;
  }
  if (!holds_lease(j, change.attempt)) {
    return lease_has_moved(j, change.attempt);
  }
  close_call(j, call_after(change.cause), error_class::none, now);
  end_lease(stored, change.error, now);
  count_end(j, change.cause);
  if (change.cause != end_of_lease::interrupted) {
    j.error = change.error;
  }
  wait_again(stored, change.due_at);
  return change_effect::applied;
}

result<change_effect> apply(stored_job& stored, const store_op::fail& change, timestamp now) {
  job& j = stored.value;
  if (j.status == job_status::failed && j.token == change.attempt.token) {
    return change_effect::repeated;
  }
  if (!holds_lease(j, change.attempt)) {
    return lease_has_moved(j, change.attempt);
  }
  close_call(j, call_after(change.cause), error_class::none, now);
  end_lease(stored, change.error, now);
  count_end(j, change.cause);
  j.error = change.error;
  j.possibly_billed = change.error.kind == error_class::ambiguous_call;
  finish(j, job_status::failed, now);
  return change_effect::applied;
}

result<change_effect> apply(stored_job& stored, const store_op::cancel& /*change*/, timestamp now) {
  job& j = stored.value;
  if (is_final(j.status)) {
    return not_allowed(j, "cancelled");
  }
  if (j.status == job_status::processing && j.progress.stage >= job_stage::recording) {
    return failure{
        error_class::conflict,
        "job " + to_string(j.id) + " is recording its result: too late to be cancelled"};
  }
  const failure reason{error_class::cancelled, "the job was cancelled"};
  if (j.status == job_status::processing) {
    close_call(j, call_state::aborted, error_class::none, now);
    end_lease(stored, reason, now);
  }
  j.possibly_billed = may_be_billed(j);
  j.error = reason;
  stored.over = precedence::none;
  finish(j, job_status::cancelled, now);
  return change_effect::applied;
}

result<change_effect> apply(stored_job& stored, const store_op::prioritize& change, timestamp now) {
  job& j = stored.value;
  if (!is_waiting(j.status)) {
    return not_allowed(j, "put first");
  }
  if (stored.over >= change.over) {
    return change_effect::repeated;
  }
  j.status = job_status::pending;
  j.due_at = {};
  j.updated_at = now;
  stored.over = change.over;
  return change_effect::applied;
}

result<change_effect> apply(
    stored_job& stored, const store_op::make_available& /*change*/, timestamp now
) {
  job& j = stored.value;
  if (j.status != job_status::scheduled) {
    return not_allowed(j, "woken");
  }
  j.status = job_status::pending;
  j.due_at = {};
  j.updated_at = now;
  return change_effect::applied;
}

result<change_effect> apply(stored_job& stored, const store_op::retry& /*change*/, timestamp now) {
  job& j = stored.value;
  if (j.status != job_status::failed) {
    return not_allowed(j, "retried");
  }
  j.status = job_status::pending;
  j.failures = 0;
  j.crashes = 0;
  j.ambiguous_calls = 0;
  j.possibly_billed = false;
  j.progress = {};
  j.completed_at = {};
  j.updated_at = now;
  return change_effect::applied;
}

failure check_removal(const job& j, const store_op::drop& /*change*/) {
  return j.status == job_status::failed ? failure{} : not_allowed(j, "dropped");
}

failure check_removal(const job& j, const store_op::erase& /*change*/) {
  return is_final(j.status) ? failure{} : not_allowed(j, "erased");
}

}  // namespace stayler::adapters
