// SPDX-License-Identifier: MIT
#include "actors/queue/leases/lease_recovery.hpp"

#include "actors/support/failure.hpp"
#include "adapters/log/log.hpp"
#include "messages/service/node.hpp"
#include "messages/service/quarantine.hpp"

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

using adapters::logs::queue::log;

bool was_told_to_end(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown || reason == caf::exit_reason::normal;
}

}  // namespace

void lease_recovery::reclaim() {
  context_.batcher.write(
      op::reclaim{context_.options.instance_id},
      [this](const adapters::store_reply& reply) {
        for (const job& back : reply.jobs) {
          context_.events.add(job_event_kind::interrupted, back, error_class::unavailable);
          log.warning(
              "the lease of an earlier queue was taken back",
              {{"jobId", back.id},
               {"traceId", trace_id_text(back.request.trace)},
               {"attempt", back.token},
               {"worker", back.worker_id}}
          );
        }
      }
  );
}

void lease_recovery::recover_expired() {
  if (must_spare_leases()) {
    return;
  }
  context_.batcher.write(op::find_expired{}, [this](const adapters::store_reply& reply) {
    for (const job& expired : reply.jobs) {
      lease_expired(expired);
    }
  });
}

bool lease_recovery::must_spare_leases() {
  const auto now = context_.self->clock().now();
  if (const auto jump = clock_watch_.look(context_.now(), now)) {
    // Every lease seems to have run out, or none ever will: those who live renew theirs by the new
    // time before anybody is taken for dead.
    log.warning("the clock was set", {{"byMs", jump->count()}});
    spares_leases_until_ = now + context_.options.lease;
  }
  return now < spares_leases_until_;
}

void lease_recovery::lease_expired(const job& expired) {
  log.warning(
      "the lease of a job ran out", {{"jobId", expired.id},
                                     {"traceId", trace_id_text(expired.request.trace)},
                                     {"attempt", expired.token},
                                     {"worker", expired.worker_id}}
  );
  revoke(expired.id);
  worker_lost(expired, "its lease ran out without a sign of life", crash_retry::after_delay);
}

void lease_recovery::worker_down(const caf::actor_addr& address, const caf::error& reason) {
  const auto id = context_.slots.id_of(address);
  if (!id) {
    return;
  }
  const bool is_node_lost = to_failure(reason).kind == error_class::worker_lost;
  if (is_node_lost) {
    // The other workers of that node, whose end is yet to be reported, get no job any more.
    context_.slots.withdraw_node_of(*id);
  }
  const auto held = context_.slots.remove(*id);
  if (const std::string node{node_of_worker(*id)}; is_quarantine(node)) {
    suspects_.on_worker_lost(node, held, was_told_to_end(reason) ? failure{} : to_failure(reason));
    return;
  }
  if (!held) {
    return;
  }
  if (was_told_to_end(reason)) {
    attempts_.hand_back(*held, [](const failure&) {});
  } else if (is_node_lost) {
    // Nobody works on it any more, and it was not the job that took the node down.
    worker_lost(*held, describe(reason), crash_retry::at_once);
  } else {
    worker_lost(*held, *id + " ended unexpectedly: " + describe(reason), crash_retry::after_delay);
  }
}

void lease_recovery::worker_replaced(const std::string& worker_id, const job& held) {
  worker_lost(held, worker_id + " has been replaced", crash_retry::after_delay);
}

void lease_recovery::worker_lost(const job& held, const std::string& why, crash_retry when) {
  attempts_.crash(held, {error_class::worker_lost, why}, when);
}

void lease_recovery::revoke(const job_id& taken_away) {
  worker_slot* slot = context_.slots.holder_of(taken_away);
  if (slot != nullptr && !slot->is_revoked) {
    slot->is_revoked = true;
    context_.self->send(slot->worker, cancel_atom_v, current_attempt(*slot->current));
  }
}

}  // namespace stayler::actors
