// SPDX-License-Identifier: MIT

// The part of the queue that deals with workers: who gets which lease, and how each lease ends.

#include "actors/support/failure.hpp"
#include "actors/queue/queue.hpp"
#include "policies/retry/retry_policy.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

constexpr adapters::logger log{adapters::subsystem::queue};

/// How long the retry scheduler may think; it decides at once unless it is being restarted.
constexpr std::chrono::seconds decide_timeout{5};

/// Workers that were told to stop get this long before their leases are taken away.
constexpr std::chrono::seconds release_grace{1};

caf::error lease_moved_on(const attempt_id& attempt) {
  return to_error(
      {error_class::conflict, "attempt " + to_string(attempt) + " no longer holds its lease", {}}
  );
}

/// A job that is given up since nobody knows what was paid for says so.
failure with_calls(failure error, const job& given_up) {
  const std::uint32_t calls = policies::ambiguous_calls_of(given_up);
  if (error.kind == error_class::worker_lost && calls > 0) {
    error.message += "; calls to the provider of unknown fate: " + std::to_string(calls);
  }
  return error;
}

bool was_told_to_end(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown || reason == caf::exit_reason::normal;
}

}  // namespace

void queue_state::join(const std::string& worker_id, worker_actor worker) {
  // The supervisor starts another under that name only when the one before is gone, or is stuck
  // and given up: then it never says what has become of its job.
  if (const auto held = slots_.remove(worker_id)) {
    worker_lost(*held, worker_id + " has been replaced");
  }
  self_->monitor(worker);
  slots_.join(worker_id, std::move(worker), options_.clock->now());
  dispatch();
}

bool queue_state::leave(const std::string& worker_id) {
  worker_slot* slot = slots_.find(worker_id);
  if (slot == nullptr) {
    return true;
  }
  if (slot->current || slot->is_claiming) {
    // A claimed job is on its way to it, and the worker will ask again.
    slot->is_leaving = !slot->is_claiming;
    return false;
  }
  slots_.remove(worker_id);
  return true;
}

caf::result<unit_value> queue_state::adopt(
    const std::string& worker_id, const worker_actor& worker, const attempt_id& attempt
) {
  const auto answer = make_shared_reply_promise<unit_value>(self_);
  const auto on_renewed = [=, this](const job& held) {
    return [=, this](adapters::store_reply& reply) {
      if (reply.error) {
        answer->fail(reply.error);
        return;
      }
      take_over(worker_id, worker, held);
      answer->deliver(unit_value{});
    };
  };
  const auto on_found = [=, this](const job& found) {
    if (found.worker_id != worker_id || slots_.is_held_by_another(attempt, worker_id)) {
      answer->fail(lease_moved_on(attempt));
    } else {
      // The store decides by the token whether the lease is still that attempt's.
      write(op::renew{attempt, options_.lease}, on_renewed(found));
    }
  };
  self_->request(runner_, caf::infinite, find_atom_v, attempt.job)
      .then(on_found, [answer](caf::error& reason) { answer->fail(std::move(reason)); });
  return caf::delegated<unit_value>{};
}

void queue_state::take_over(
    const std::string& worker_id, const worker_actor& worker, const job& held
) {
  // Its earlier link may have been lost without our noticing: then it holds the lease here already.
  if (const auto before = slots_.remove(worker_id); before && before->id != held.id) {
    worker_lost(*before, worker_id + " has been replaced");
  }
  self_->monitor(worker);
  slots_.join_busy(worker_id, worker, held, options_.clock->now());
  dispatch();
}

caf::result<unit_value> queue_state::hear_of(
    const attempt_id& attempt, adapters::store_change change
) {
  worker_slot* slot = slots_.holder_of(attempt);
  if (slot == nullptr || slot->is_revoked) {
    return lease_moved_on(attempt);
  }
  slot->last_seen = options_.clock->now();
  const auto answer = make_shared_reply_promise<unit_value>(self_);
  write(std::move(change), [answer](adapters::store_reply& reply) {
    reply.error ? answer->fail(reply.error) : answer->deliver(unit_value{});
  });
  return caf::delegated<unit_value>{};
}

caf::result<unit_value> queue_state::renew(const attempt_id& attempt) {
  return hear_of(attempt, op::renew{attempt, options_.lease});
}

caf::result<unit_value> queue_state::note_progress(
    const attempt_id& attempt, const job_progress& progress
) {
  return hear_of(attempt, op::update_progress{attempt, progress});
}

caf::result<unit_value> queue_state::open_call(const attempt_id& attempt) {
  if (worker_slot* slot = slots_.holder_of(attempt)) {
    // What becomes of the job if its worker is lost depends on it.
    provider_call& call = slot->current->calls.emplace_back();
    call.token = attempt.token;
    call.opened_at = options_.clock->now();
  }
  return hear_of(attempt, op::open_call{attempt});
}

caf::result<unit_value> queue_state::settle_call(
    const attempt_id& attempt, const call_settlement& settlement
) {
  worker_slot* slot = slots_.holder_of(attempt);
  if (slot != nullptr && !slot->current->calls.empty()) {
    slot->current->calls.back().state = call_state::settled;
  }
  return hear_of(attempt, op::settle_call{attempt, settlement});
}

void queue_state::assign(
    const std::vector<std::string>& claimed_for, adapters::store_reply& reply
) {
  if (reply.error) {
    log.warning(
        "claim failed", {{"errorClass", reply.error.kind}, {"reason", reply.error.message}}
    );
  }
  for (std::size_t i = 0; i < claimed_for.size(); ++i) {
    worker_slot* slot = slots_.find(claimed_for[i]);
    const bool is_waiting = slot != nullptr && slot->is_claiming;
    const bool may_work = is_waiting && !slot->is_leaving && state_ == service_state::running;
    if (i >= reply.jobs.size()) {
      if (is_waiting) {
        slots_.set_free(*slot);
      }
      continue;
    }
    job& leased = reply.jobs[i];
    note(job_event_kind::started, leased);
    if (!may_work) {
      if (is_waiting) {
        slots_.set_free(*slot);
      }
      give_back(leased, [](const failure&) {});
      continue;
    }
    self_->send(slot->worker, assign_atom_v, leased);
    slots_.set_busy(*slot, std::move(leased));
  }
  // As many jobs as were asked for: there may be more, for workers that were left out.
  wants_claim_ = wants_claim_ || (!reply.error && reply.jobs.size() == claimed_for.size());
}

caf::result<unit_value> queue_state::finish(const attempt_id& attempt, attempt_outcome& outcome) {
  worker_slot* slot = slots_.holder_of(attempt);
  if (slot == nullptr) {
    return lease_moved_on(attempt);
  }
  if (slot->is_revoked) {
    free_holder(attempt);
    return lease_moved_on(attempt);
  }
  slot->last_seen = options_.clock->now();
  if (outcome.kind == attempt_outcome_kind::completed) {
    slots_.note_speed(*slot, slot->last_seen - slot->current->started_at);
  }
  const auto answer = make_shared_reply_promise<unit_value>(self_);
  settle(*slot->current, outcome, [this, attempt, answer](const failure& error) {
    const bool must_repeat = error && error.kind != error_class::conflict;
    if (!must_repeat) {
      free_holder(attempt);
    }
    error ? answer->fail(error) : answer->deliver(unit_value{});
  });
  return caf::delegated<unit_value>{};
}

void queue_state::free_holder(const attempt_id& attempt) {
  if (worker_slot* slot = slots_.holder_of(attempt)) {
    ++slot->jobs_processed;
    slots_.set_free(*slot);
    dispatch();
  }
  end_drain_if_idle();
}

void queue_state::settle(const job& attempted, attempt_outcome& outcome, on_settled done) {
  switch (outcome.kind) {
    case attempt_outcome_kind::completed:
      complete(attempted, outcome.result, std::move(done));
      break;
    case attempt_outcome_kind::failed:
      end_failed(attempted, outcome.error, op::end_of_lease::failed, std::move(done));
      break;
    case attempt_outcome_kind::released:
      give_back(attempted, std::move(done));
      break;
  }
}

void queue_state::complete(const job& attempted, const job_result& made, on_settled done) {
  write(
      op::complete{current_attempt(attempted), made},
      [this, done = std::move(done)](adapters::store_reply& reply) {
        if (!reply.error) {
          note(job_event_kind::completed, reply.jobs.front());
        }
        done(reply.error);
      }
  );
}

void queue_state::end_failed(
    const job& attempted,
    const failure& error,
    op::end_of_lease cause,
    on_settled done,
    loss how_sure
) {
  self_->request(options_.retries, decide_timeout, decide_atom_v, attempted, error)
      .then(
          [=, this](retry_decision decision) {
            if (how_sure == loss::certain) {
              decision.due_at = {};
              wants_claim_ = true;
            }
            write_decision(attempted, error, cause, decision, done);
          },
          [this, attempted, error, cause, done](const caf::error&) {
            // Nobody to decide: tried again later, when somebody will be.
            const retry_decision later{true, options_.clock->now() + options_.config.retry_delay};
            write_decision(attempted, error, cause, later, done);
          }
      );
}

void queue_state::write_decision(
    const job& attempted,
    const failure& error,
    op::end_of_lease cause,
    const retry_decision& decision,
    on_settled done
) {
  const attempt_id attempt = current_attempt(attempted);
  adapters::store_change change = op::fail{attempt, cause, with_calls(error, attempted)};
  if (decision.will_retry) {
    const auto counted = decision.refund ? op::end_of_lease::refunded : cause;
    change = op::requeue{attempt, counted, error, decision.due_at};
  }
  const error_class kind = error.kind;
  write(std::move(change), [this, kind, done = std::move(done)](adapters::store_reply& reply) {
    if (!reply.error) {
      const job& after = reply.jobs.front();
      const bool is_dead = after.status == job_status::failed;
      note(is_dead ? job_event_kind::failed : job_event_kind::retried, after, kind);
      if (is_dead) {
        record_and_notify(after);
      }
    }
    done(reply.error);
  });
}

void queue_state::give_back(const job& unfinished, on_settled done) {
  wants_claim_ = true;
  const failure reason{error_class::none, "", {}};
  write(
      op::requeue{current_attempt(unfinished), op::end_of_lease::interrupted, reason, {}},
      [this, done = std::move(done)](adapters::store_reply& reply) {
        if (!reply.error) {
          note(job_event_kind::interrupted, reply.jobs.front());
        }
        done(reply.error);
      }
  );
}

void queue_state::worker_down(const caf::actor_addr& address, const caf::error& reason) {
  const auto id = slots_.id_of(address);
  if (!id) {
    return;
  }
  const bool is_node_lost = to_failure(reason).kind == error_class::worker_lost;
  if (is_node_lost) {
    // The other workers of that node, whose end is yet to be heard of, get no job any more.
    slots_.withdraw_node_of(*id);
  }
  const auto held = slots_.remove(*id);
  if (held && was_told_to_end(reason)) {
    give_back(*held, [](const failure&) {});
  } else if (held && is_node_lost) {
    worker_lost(*held, describe(reason), loss::certain);
  } else if (held) {
    worker_lost(*held, *id + " ended unexpectedly: " + describe(reason));
  }
  end_drain_if_idle();
}

void queue_state::worker_lost(const job& left_behind, const std::string& why, loss how_sure) {
  end_failed(
      left_behind, {error_class::worker_lost, why, {}}, op::end_of_lease::crashed,
      [](const failure&) {}, how_sure
  );
}

void queue_state::lease_expired(const job& expired) {
  log.warning(
      "the lease of a job ran out",
      {{"jobId", expired.id}, {"attempt", expired.token}, {"worker", expired.worker_id}}
  );
  revoke(expired.id);
  worker_lost(expired, "its lease ran out without a sign of life");
}

void queue_state::revoke(const job_id& taken_away) {
  worker_slot* slot = slots_.holder_of(taken_away);
  if (slot != nullptr && !slot->is_revoked) {
    slot->is_revoked = true;
    self_->send(slot->worker, cancel_atom_v, current_attempt(*slot->current));
  }
}

caf::result<unit_value> queue_state::start() {
  if (state_ == service_state::running) {
    return to_error({error_class::conflict, "the service is already running", {}});
  }
  if (state_ == service_state::draining) {
    return to_error({error_class::conflict, "the service is draining", {}});
  }
  state_ = service_state::running;
  dispatch();
  return unit_value{};
}

caf::result<unit_value> queue_state::drain(milliseconds timeout) {
  if (state_ == service_state::stopped) {
    return to_error({error_class::conflict, "the service is already stopped", {}});
  }
  state_ = service_state::draining;
  drain_answers_.push_back(make_reply_promise<unit_value>(self_));
  self_->delayed_send(self_, timeout, drain_deadline_atom_v, drain_number_);
  end_drain_if_idle();
  return caf::delegated<unit_value>{};
}

void queue_state::drain_deadline(std::uint64_t number) {
  if (state_ != service_state::draining || number != drain_number_) {
    return;
  }
  for (const worker_slot* slot : slots_.busy_slots()) {
    self_->send(slot->worker, release_atom_v);
  }
  self_->delayed_send(self_, release_grace, drain_overdue_atom_v, number);
}

void queue_state::drain_overdue(std::uint64_t number) {
  if (state_ != service_state::draining || number != drain_number_) {
    return;
  }
  for (worker_slot* slot : slots_.busy_slots()) {
    const attempt_id attempt = current_attempt(*slot->current);
    log.warning(
        "a worker did not stop in time; its lease is taken back",
        {{"jobId", attempt.job}, {"attempt", attempt.token}, {"worker", slot->id}}
    );
    slot->is_revoked = true;
    give_back(*slot->current, [this, attempt](const failure&) { free_holder(attempt); });
  }
}

void queue_state::end_drain_if_idle() {
  if (state_ != service_state::draining || !slots_.is_idle() || !waiting_changes_.empty()) {
    return;
  }
  state_ = service_state::stopped;
  ++drain_number_;
  for (auto& answer : std::exchange(drain_answers_, {})) {
    answer.deliver(unit_value{});
  }
}

}  // namespace stayler::actors
