// SPDX-License-Identifier: MIT
#include "actors/queue/leases/lease_service.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/reply_promise.hpp"

#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

caf::error lease_moved_on(const attempt_id& attempt) {
  return to_error(
      {error_class::conflict, "attempt " + to_string(attempt) + " no longer holds its lease"}
  );
}

}  // namespace

void lease_service::join(const std::string& worker_id, worker_actor worker) {
  // The supervisor starts another under that name only when the one before is gone, or is stuck
  // and given up: then it never says what has become of its job.
  replace(worker_id, {});
  context_.self->monitor(worker);
  context_.slots.join(worker_id, std::move(worker), context_.now());
  context_.dispatch();
}

bool lease_service::leave(const std::string& worker_id) {
  worker_slot* slot = context_.slots.find(worker_id);
  if (slot == nullptr) {
    return true;
  }
  if (slot->current || slot->is_claiming) {
    // A claimed job is perhaps on its way to it, after which the worker will ask again.
    slot->is_leaving = !slot->is_claiming;
    slot->asked_to_leave = slot->is_claiming;
    return false;
  }
  context_.slots.remove(worker_id);
  return true;
}

caf::result<unit_value> lease_service::adopt(
    const std::string& worker_id, worker_actor worker, const attempt_id& attempt
) {
  const auto answer = make_shared_reply_promise<unit_value>(context_.self);
  const auto on_renewed = [=, this](const job& held, const adapters::store_reply& reply) {
    if (reply.error) {
      answer->fail(reply.error);
      return;
    }
    // Its earlier link may have been lost unnoticed: then it holds the lease here already.
    replace(worker_id, held.id);
    context_.self->monitor(worker);
    context_.slots.join_busy(worker_id, worker, held, context_.now());
    context_.dispatch();
    answer->deliver(unit_value{});
  };
  const auto on_found = [=, this](const job& found) {
    if (found.worker_id != worker_id || context_.slots.is_held_by_another(attempt, worker_id)) {
      answer->fail(lease_moved_on(attempt));
      return;
    }
    // The store decides by the token whether the lease is still that attempt's.
    context_.batcher.write(
        op::renew{attempt, context_.options.lease},
        [=](const adapters::store_reply& reply) { on_renewed(found, reply); }
    );
  };
  context_.self->request(context_.store, caf::infinite, find_atom_v, attempt.job)
      .then(on_found, [answer](caf::error& reason) { answer->fail(std::move(reason)); });
  return caf::delegated<unit_value>{};
}

void lease_service::replace(const std::string& worker_id, const job_id& going_on) {
  if (const auto held = context_.slots.remove(worker_id); held && held->id != going_on) {
    recovery_.worker_replaced(worker_id, *held);
  }
}

caf::result<unit_value> lease_service::renew(const attempt_id& attempt) {
  return write_for_holder(attempt, op::renew{attempt, context_.options.lease});
}

caf::result<unit_value> lease_service::update_progress(
    const attempt_id& attempt, const job_progress& progress
) {
  return write_for_holder(attempt, op::update_progress{attempt, progress});
}

caf::result<unit_value> lease_service::open_call(const attempt_id& attempt) {
  if (worker_slot* slot = context_.slots.holder_of(attempt)) {
    // What becomes of the job if its worker is lost depends on it.
    provider_call& call = slot->current->calls.emplace_back();
    call.token = attempt.token;
    call.opened_at = context_.now();
  }
  return write_for_holder(attempt, op::open_call{attempt});
}

caf::result<unit_value> lease_service::settle_call(
    const attempt_id& attempt, const call_settlement& settlement
) {
  worker_slot* slot = context_.slots.holder_of(attempt);
  if (slot != nullptr && !slot->current->calls.empty()) {
    slot->current->calls.back().state = call_state::settled;
  }
  return write_for_holder(attempt, op::settle_call{attempt, settlement});
}

caf::result<unit_value> lease_service::write_for_holder(
    const attempt_id& attempt, adapters::store_change change
) {
  worker_slot* slot = context_.slots.holder_of(attempt);
  if (slot == nullptr || slot->is_revoked) {
    return lease_moved_on(attempt);
  }
  slot->last_seen = context_.now();
  const auto answer = make_shared_reply_promise<unit_value>(context_.self);
  context_.batcher.write(std::move(change), [answer](const adapters::store_reply& reply) {
    reply.error ? answer->fail(reply.error) : answer->deliver(unit_value{});
  });
  return caf::delegated<unit_value>{};
}

caf::result<unit_value> lease_service::finish(
    const attempt_id& attempt, const attempt_outcome& outcome
) {
  worker_slot* slot = context_.slots.holder_of(attempt);
  if (slot == nullptr) {
    return lease_moved_on(attempt);
  }
  if (slot->is_revoked) {
    context_.free_holder(attempt);
    run_.end_drain_if_idle();
    return lease_moved_on(attempt);
  }
  slot->last_seen = context_.now();
  if (outcome.kind == attempt_outcome_kind::completed) {
    context_.slots.record_speed(*slot, slot->last_seen - slot->current->started_at);
  }
  const auto answer = make_shared_reply_promise<unit_value>(context_.self);
  attempts_.end(*slot->current, outcome, [this, attempt, answer](const failure& error) {
    // Where the store could not be asked, the worker says it again, and holds its lease until then.
    const bool must_repeat = error && error.kind != error_class::conflict;
    if (!must_repeat) {
      context_.free_holder(attempt);
    }
    error ? answer->fail(error) : answer->deliver(unit_value{});
  });
  return caf::delegated<unit_value>{};
}

}  // namespace stayler::actors
