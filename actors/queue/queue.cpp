// SPDX-License-Identifier: MIT
#include "actors/queue/queue.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/failure.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/reply_promise.hpp"
#include "actors/support/tell.hpp"
#include "adapters/log/log.hpp"
#include "messages/jobs/job_filter.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

constexpr adapters::logger store_log{adapters::subsystem::store};

/// The store's own failure, rather than what it says to one change.
constexpr bool is_of_store(error_class kind) noexcept {
  return kind == error_class::unavailable || kind == error_class::store_full
         || kind == error_class::timeout || kind == error_class::connection
         || kind == error_class::internal_bug;
}

job_store_io_actor spawn_store_io(queue_impl::pointer self, const queue_options& options) {
  job_store_io_options io{options.store, options.clock};
  return options.store->is_blocking()
             ? self->spawn<caf::linked + caf::detached>(job_store_io, std::move(io))
             : self->spawn<caf::linked>(job_store_io, std::move(io));
}

}  // namespace

queue_state::queue_state(pointer self)
    : context_{
        .self = self,
        .batcher{
            [this] { dispatcher_.add_claims(); },
            [this](policies::store_batcher::batch batch) { send_batch(std::move(batch)); }}} {}

void queue_state::begin(queue_options options) {
  const auto self = context_.self;
  install_supervision(self);
  context_.options = std::move(options);
  context_.store = spawn_store_io(self, context_.options);
  lister_ = context_.options.store->is_blocking() ? spawn_store_io(self, context_.options)
                                                  : context_.store;
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) {
    recovery_.worker_down(down.source, down.reason);
    run_.end_drain_if_idle();
  });
  watch_store();
  suspects_.begin();
  recovery_.reclaim();
  if (context_.options.limits) {
    self->send(context_.options.limits, watch_atom_v, queue_actor{self});
  }
  // The settings may be other ones than those by which an earlier process held jobs.
  bulk_.make_held_available();
  poll();
  self->delayed_send(self, context_.options.config.cleanup_interval, clean_up_atom_v);
}

void queue_state::watch_store() {
  // The store must not keep its own queue alive.
  const auto on_change = [address =
                              context_.self->address()](const adapters::external_change& change) {
    const auto queue = caf::actor_cast<queue_impl>(address);
    if (queue && change.cancelled.value.is_nil()) {
      tell(queue, due_atom_v);
    } else if (queue) {
      tell(queue, revoke_atom_v, change.cancelled);
    }
  };
  context_.options.store->on_external_change(on_change);
}

caf::result<queue_status> queue_state::report_status() {
  const auto answer = make_shared_reply_promise<queue_status>(context_.self);
  context_.self->request(context_.store, caf::infinite, status_atom_v)
      .then(
          [this, answer](adapters::waiting_status& waiting) {
            // The store ends a pause with the next batch, for which there may be no reason yet.
            std::erase_if(waiting.paused, [now = context_.now()](const type_pause& each) {
              return has_ended(each, now);
            });
            answer->deliver(
                {.state = run_.now(),
                 .counts = waiting.counts,
                 .oldest_pending = waiting.oldest_pending,
                 .paused = std::move(waiting.paused),
                 .workers = context_.slots.status(context_.options.node),
                 .oldest_due = waiting.oldest_due,
                 .is_reaper = waiting.is_reaper,
                 .full_store_errors = full_store_errors_}
            );
          },
          [answer](caf::error& reason) { answer->fail(std::move(reason)); }
      );
  return caf::delegated<queue_status>{};
}

dispatch_status queue_state::report_dispatch() const {
  return {run_.is_running(), has_begun_};
}

void queue_state::change_settings(settings& changed) {
  const bool may_open = !(changed.gemini == context_.options.config.gemini);
  context_.options.config = std::move(changed);
  if (may_open) {
    bulk_.make_held_available();
  }
}

void queue_state::poll() {
  context_.self->delayed_send(context_.self, context_.options.config.poll_interval, poll_atom_v);
  recovery_.recover_expired();
  context_.dispatch();
}

void queue_state::clean_up() {
  context_.self->delayed_send(
      context_.self, context_.options.config.cleanup_interval, clean_up_atom_v
  );
  purge();
  context_.batcher.write(op::verify_indexes{}, [](const adapters::store_reply&) {});
}

void queue_state::purge() {
  const settings& config = context_.options.config;
  context_.batcher.write(
      op::purge{config.retention, config.dead_letter_retention, config.max_finished},
      [this](const adapters::store_reply& reply) {
        if (reply.error) {
          store_log.warning(
              "clean-up failed", {{"errorClass", reply.error.kind}, {"reason", reply.error.message}}
          );
        } else if (reply.has_more) {
          purge();
        }
      }
  );
}

void queue_state::send_batch(policies::store_batcher::batch batch) {
  const auto sent_at = context_.self->clock().now();
  context_.self->request(context_.store, caf::infinite, execute_atom_v, std::move(batch))
      .then(
          [this, sent_at](adapters::store_outcome& outcome) { batch_written(outcome, sent_at); },
          [this](const caf::error& reason) { batch_failed(reason); }
      );
}

void queue_state::batch_written(
    adapters::store_outcome& outcome, caf::actor_clock::time_point sent_at
) {
  const auto took = context_.self->clock().now() - sent_at;
  if (outcome.counts.repaired > context_.counts.repaired && has_counts_) {
    store_log.error("an audit had to repair the job store's indexes; please report this");
  }
  context_.counts = outcome.counts;
  has_counts_ = true;
  for (const adapters::store_reply& reply : outcome.replies) {
    if (is_of_store(reply.error.kind)) {
      note_store_error(reply.error.kind);
    } else {
      has_begun_ = true;
    }
  }
  context_.batcher.written(outcome.replies);
  notices_.flush_accepted();
  if (is_set(outcome.next_due)) {
    context_.self->send(
        context_.options.retries, arm_atom_v, outcome.next_due, queue_actor{context_.self}
    );
  }
  report_batch(outcome.replies.size(), std::chrono::duration_cast<std::chrono::microseconds>(took));
  run_.end_drain_if_idle();
}

void queue_state::batch_failed(const caf::error& reason) {
  const failure error = to_failure(reason);
  store_log.error("the job store failed", {{"errorClass", error.kind}, {"reason", error.message}});
  context_.batcher.failed(error);
  note_store_error(error.kind);
  report_batch(0, {});
  run_.end_drain_if_idle();
}

void queue_state::note_store_error(error_class kind) {
  full_store_errors_ += kind == error_class::store_full ? 1 : 0;
  if (std::ranges::find(store_errors_, kind) == store_errors_.end()) {
    store_errors_.push_back(kind);
  }
}

void queue_state::report_batch(std::size_t size, std::chrono::microseconds took) {
  const auto first_attempts = context_.events.take_first_attempts();
  if (first_attempts > 0) {
    context_.self->send(context_.options.retries, start_atom_v, first_attempts);
  }
  queue_report report;
  report.events = context_.events.take();
  report.counts = context_.counts;
  report.active_workers = static_cast<std::uint32_t>(context_.slots.size());
  report.batch_size = static_cast<std::uint32_t>(size);
  report.batch_time = took;
  report.nodes = context_.slots.loads();
  report.store_errors = std::exchange(store_errors_, {});
  context_.self->send(context_.options.metrics, std::move(report));
}

queue_impl::behavior_type queue_state::make_behavior() {
  const auto self = context_.self;
  const auto& store = context_.store;
  return {
      // Callers.
      handle<submit_atom>(commands_, &job_commands::submit),
      handle<submit_atom>(commands_, &job_commands::submit_all),
      [self, &store](find_atom find, const job_id& id) { return self->delegate(store, find, id); },
      [this, self](list_atom list, const job_filter& filter) {
        return self->delegate(lister_, list, filter);
      },
      handle<cancel_atom>(commands_, &job_commands::cancel),
      handle<process_atom>(commands_, &job_commands::prioritize),
      handle<retry_atom>(commands_, &job_commands::retry),
      handle<retry_atom>(bulk_, &bulk_job_change::retry_all),
      handle<drop_atom>(commands_, &job_commands::drop),
      handle<erase_atom>(bulk_, &bulk_job_change::erase_all_of),
      handle<pause_atom>(commands_, &job_commands::pause),
      handle<resume_atom>(commands_, &job_commands::resume),
      handle<status_atom>(*this, &queue_state::report_status),
      // Workers.
      handle<join_atom>(leases_, &lease_service::join),
      handle<leave_atom>(leases_, &lease_service::leave),
      handle<adopt_atom>(leases_, &lease_service::adopt),
      handle<renew_atom>(leases_, &lease_service::renew),
      handle<report_atom>(leases_, &lease_service::update_progress),
      handle<open_call_atom>(leases_, &lease_service::open_call),
      handle<settle_call_atom>(leases_, &lease_service::settle_call),
      handle<finish_atom>(leases_, &lease_service::finish),
      handle<revoke_atom>(recovery_, &lease_recovery::revoke),
      // The service.
      handle<start_atom>(run_, &run_state::start),
      handle<drain_atom>(run_, &run_state::drain),
      handle<probe_atom>(*this, &queue_state::report_dispatch),
      handle<drain_deadline_atom>(run_, &run_state::reach_deadline),
      handle<drain_overdue_atom>(run_, &run_state::take_leases_back),
      handle<capacity_atom>(dispatcher_, &dispatcher::change_capacity),
      handle<settings_atom>(*this, &queue_state::change_settings),
      // Timers.
      handle<due_atom>(context_, &queue_context::dispatch_news),
      handle<poll_atom>(*this, &queue_state::poll),
      handle<clean_up_atom>(*this, &queue_state::clean_up),
      handle<decide_atom>(suspects_, &suspect_runs::judge),
      handle<repeat_record_atom>(notices_, &job_notice_sender::record),
  };
}

queue_impl::behavior_type queue(queue_state::pointer self, queue_options options) {
  self->state.begin(std::move(options));
  return self->state.make_behavior();
}

}  // namespace stayler::actors
