// SPDX-License-Identifier: MIT
#include "actors/queue/leases/dispatcher.hpp"

#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

using adapters::logs::queue::log;

/// One claim asks for no more than this, so that a batch stays short when a thousand workers wait.
constexpr std::size_t largest_claim = 256;

}  // namespace

void dispatcher::add_claims() {
  suspects_.end_unused();
  worker_slots& slots = context_.slots;
  const bool has_free = slots.has_free() || slots.has_free_quarantine();
  if (!context_.wants_claim || !run_.is_running() || !has_free) {
    return;
  }
  context_.wants_claim = false;
  const job_counts& counts = context_.counts;
  const std::size_t possible = counts.pending + counts.scheduled + context_.batcher.waiting();
  const bool has_news = std::exchange(context_.has_news, false);
  if (possible == 0 && !has_news) {
    return;
  }
  const std::size_t most = has_news ? largest_claim : std::min(possible, largest_claim);
  const std::vector<job_type> callers{job_type::image_conversion};
  const std::size_t room = provider_room();
  claim_for(
      slots.take_free_quarantines(), room > 0 ? std::vector<job_type>{} : callers,
      op::suspect_rule::only
  );
  const op::suspect_rule rule = suspects_.rule_for_others();
  const std::size_t calls = std::min(most, room);
  claim_for(slots.take_free(calls), {}, rule);
  // Other work goes on while the provider has enough, or is away.
  claim_for(slots.take_free(most - calls), callers, rule);
}

void dispatcher::claim_for(
    std::vector<std::string> workers, std::vector<job_type> except, op::suspect_rule suspects
) {
  if (workers.empty()) {
    return;
  }
  const queue_options& options = context_.options;
  context_.batcher.add(
      op::claim{workers, options.instance_id, options.lease, std::move(except), suspects},
      [this, workers](adapters::store_reply& reply) { assign(workers, reply); }
  );
}

void dispatcher::assign(const std::vector<std::string>& workers, adapters::store_reply& reply) {
  if (reply.error) {
    log.warning(
        "claim failed", {{"errorClass", reply.error.kind}, {"reason", reply.error.message}}
    );
  }
  notices_.flush_accepted();
  if (reply.has_more) {
    suspects_.on_waiting();
  }
  for (std::size_t i = 0; i < workers.size(); ++i) {
    worker_slot* slot = context_.slots.find(workers[i]);
    if (i < reply.jobs.size()) {
      assign_to(slot, reply.jobs[i]);
    } else if (slot != nullptr && slot->is_claiming) {
      end_claim(*slot);
    }
  }
  // As many jobs as were asked for: there may be more, for workers that were left out.
  context_.wants_claim =
      context_.wants_claim || (!reply.error && reply.jobs.size() == workers.size());
}

void dispatcher::assign_to(worker_slot* slot, job& leased) {
  context_.events.add(job_event_kind::started, leased);
  // Meanwhile the worker may have ended or begun to leave, or a drain may have begun.
  const bool is_waiting = slot != nullptr && slot->is_claiming;
  if (is_waiting && !slot->is_leaving && run_.is_running()) {
    if (slot->is_quarantine) {
      log.info(
          "a suspect runs alone", {{"jobId", leased.id},
                                   {"traceId", trace_id_text(leased.request.trace)},
                                   {"worker", slot->id}}
      );
    }
    context_.self->send(slot->worker, assign_atom_v, leased);
    context_.slots.set_busy(*slot, std::move(leased));
    return;
  }
  if (is_waiting) {
    end_claim(*slot);
  }
  attempts_.hand_back(leased, [](const failure&) {});
}

void dispatcher::end_claim(worker_slot& without_job) {
  const bool may_leave_now = std::exchange(without_job.asked_to_leave, false);
  without_job.is_leaving = without_job.is_leaving || may_leave_now;
  context_.slots.set_free(without_job);
  if (may_leave_now) {
    context_.self->send(without_job.worker, retire_atom_v);
  }
}

void dispatcher::change_capacity(const provider_capacity& changed) {
  capacity_ = changed;
  context_.dispatch();
}

std::size_t dispatcher::provider_room() const {
  if (!capacity_) {
    return largest_claim;
  }
  const std::uint32_t busy = context_.slots.busy_with(job_type::image_conversion);
  const bool is_closed = context_.now() < capacity_->closed_until;
  return is_closed || busy >= capacity_->max_in_flight ? 0 : capacity_->max_in_flight - busy;
}

}  // namespace stayler::actors
