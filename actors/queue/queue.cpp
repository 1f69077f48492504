// SPDX-License-Identifier: MIT
#include "actors/queue/queue.hpp"

#include "actors/support/failure.hpp"
#include "policies/jobs/job_notices.hpp"
#include "actors/supervision/supervised.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

constexpr adapters::logger log{adapters::subsystem::queue};
constexpr adapters::logger store_log{adapters::subsystem::store};

/// One claim asks for no more than this, so that a batch stays short when a thousand workers wait.
constexpr std::size_t largest_claim = 256;

constexpr milliseconds record_timeout{60'000};

/// Pause before records that are away are written to again.
constexpr milliseconds record_again{5'000};

job_store_io_actor spawn_store_io(queue_state::pointer self, const queue_options& options) {
  job_store_io_options runner{options.store, options.clock};
  return options.store->is_blocking()
             ? self->spawn<caf::linked + caf::detached>(job_store_io, std::move(runner))
             : self->spawn<caf::linked>(job_store_io, std::move(runner));
}

}  // namespace

void queue_state::begin(pointer self, queue_options options) {
  self_ = self;
  install_supervision(self);
  options_ = std::move(options);
  runner_ = spawn_store_io(self, options_);
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) {
    worker_down(down.source, down.reason);
  });
  // The store must not keep its own queue alive.
  options_.store->on_external_change([address = self->address()](const adapters::external_change& news) {
    const auto queue = caf::actor_cast<queue_impl>(address);
    if (queue && news.cancelled.value.is_nil()) {
      caf::anon_send(queue, due_atom_v);
    } else if (queue) {
      caf::anon_send(queue, revoke_atom_v, news.cancelled);
    }
  });
  write(op::reclaim{options_.owner}, [](const adapters::store_reply& reply) {
    if (!reply.jobs.empty()) {
      log.warning("jobs of an earlier queue put back", {{"jobs", reply.jobs.size()}});
    }
  });
  if (options_.limits) {
    self->send(options_.limits, watch_atom_v, queue_actor{self});
  }
  // The settings may be other ones than those by which an earlier process held jobs.
  wake_held({});
  poll();
  self->delayed_send(self, options_.config.cleanup_interval, purge_atom_v);
}

caf::result<queue_status> queue_state::report_status() {
  const auto answer = make_shared_reply_promise<queue_status>(self_);
  self_->request(runner_, caf::infinite, status_atom_v)
      .then(
          [this, answer](adapters::waiting_status& waiting) {
            answer->deliver(
                {state_, waiting.counts, waiting.oldest_pending, std::move(waiting.paused),
                 slots_.status(options_.node)}
            );
          },
          [answer](caf::error& reason) { answer->fail(std::move(reason)); }
      );
  return caf::delegated<queue_status>{};
}

void queue_state::poll() {
  self_->delayed_send(self_, options_.config.poll_interval, poll_atom_v);
  reap();
  dispatch();
}

void queue_state::reap() {
  const auto now = self_->clock().now();
  if (const auto jump = clock_watch_.look(options_.clock->now(), now)) {
    // Every lease seems to have run out, or none ever will: those who live renew theirs by the new
    // time before anybody is taken for dead.
    log.warning("the clock was set", {{"byMs", jump->count()}});
    spares_leases_until_ = now + options_.lease;
  }
  if (now < spares_leases_until_) {
    return;
  }
  write(op::find_expired{}, [this](const adapters::store_reply& reply) {
    for (const job& expired : reply.jobs) {
      lease_expired(expired);
    }
  });
}

void queue_state::tidy() {
  self_->delayed_send(self_, options_.config.cleanup_interval, purge_atom_v);
  sweep();
  write(op::verify_indexes{}, [](const adapters::store_reply&) {});
}

void queue_state::sweep() {
  const settings& config = options_.config;
  write(
      op::purge{config.retention, config.dead_letter_retention, config.max_finished},
      [this](const adapters::store_reply& reply) {
        if (reply.error) {
          store_log.warning(
              "clean-up failed", {{"errorClass", reply.error.kind}, {"reason", reply.error.message}}
          );
        } else if (reply.has_more) {
          sweep();
        }
      }
  );
}

void queue_state::dispatch() {
  wants_claim_ = true;
  flush();
}

void queue_state::change_settings(settings& changed) {
  const bool may_open = !(changed.gemini == options_.config.gemini);
  options_.config = std::move(changed);
  if (may_open) {
    wake_held({});
  }
}

void queue_state::add(adapters::store_change change, on_reply done) {
  waiting_changes_.push_back(std::move(change));
  waiting_replies_.push_back(std::move(done));
}

void queue_state::write(adapters::store_change change, on_reply done) {
  add(std::move(change), std::move(done));
  flush();
}

void queue_state::add_claim() {
  if (!wants_claim_ || state_ != service_state::running || !slots_.has_free()) {
    return;
  }
  wants_claim_ = false;
  const std::size_t possible = counts_.pending + counts_.scheduled + waiting_changes_.size();
  if (possible == 0) {
    return;
  }
  const std::size_t most = std::min(possible, largest_claim);
  const std::size_t callers = std::min(most, provider_room());
  claim_for(callers, {});
  // Other work goes on while the provider has enough, or is away.
  claim_for(most - callers, {job_type::image_conversion});
}

void queue_state::claim_for(std::size_t most, std::vector<job_type> except) {
  std::vector<std::string> workers = slots_.take_free(most);
  if (workers.empty()) {
    return;
  }
  waiting_changes_.emplace_back(op::claim{
      workers, options_.owner, options_.lease, std::move(except)});
  waiting_replies_.emplace_back([this, workers](adapters::store_reply& reply) {
    assign(workers, reply);
  });
}

std::size_t queue_state::provider_room() const {
  if (!capacity_) {
    return largest_claim;
  }
  const std::uint32_t busy = slots_.busy_with(job_type::image_conversion);
  const bool is_closed = options_.clock->now() < capacity_->closed_until;
  return is_closed || busy >= capacity_->max_in_flight ? 0 : capacity_->max_in_flight - busy;
}

void queue_state::change_capacity(const provider_capacity& changed) {
  capacity_ = changed;
  dispatch();
}

void queue_state::flush() {
  if (is_writing_) {
    return;
  }
  add_claim();
  if (waiting_changes_.empty()) {
    return;
  }
  is_writing_ = true;
  replies_in_flight_ = std::exchange(waiting_replies_, {});
  const auto sent_at = self_->clock().now();
  self_->request(runner_, caf::infinite, execute_atom_v, std::exchange(waiting_changes_, {}))
      .then(
          [this, sent_at](adapters::store_outcome& outcome) { batch_written(outcome, sent_at); },
          [this](const caf::error& reason) { batch_failed(reason); }
      );
}

void queue_state::batch_written(
    adapters::store_outcome& outcome, caf::actor_clock::time_point sent_at
) {
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - sent_at);
  if (outcome.counts.repaired > counts_.repaired && has_counts_) {
    store_log.error("an audit had to repair the job store's indexes; please report this");
  }
  counts_ = outcome.counts;
  has_counts_ = true;
  // What the replies lead to is collected for the next batch: is_writing_ stays set meanwhile.
  for (std::size_t i = 0; i < outcome.replies.size(); ++i) {
    replies_in_flight_[i](outcome.replies[i]);
  }
  if (is_set(outcome.next_due)) {
    self_->send(options_.retries, arm_atom_v, outcome.next_due, queue_actor{self_});
  }
  tell_metrics(outcome.replies.size(), took);
  end_drain_if_idle();
  is_writing_ = false;
  flush();
}

void queue_state::batch_failed(const caf::error& reason) {
  adapters::store_reply refused;
  refused.error = to_failure(reason);
  store_log.error(
      "the job store failed",
      {{"errorClass", refused.error.kind}, {"reason", refused.error.message}}
  );
  for (on_reply& reply : replies_in_flight_) {
    reply(refused);
  }
  is_writing_ = false;
}

void queue_state::tell_metrics(std::size_t batch_size, std::chrono::microseconds took) {
  if (const auto first_attempts = std::exchange(first_attempts_, 0); first_attempts > 0) {
    self_->send(options_.retries, start_atom_v, first_attempts);
  }
  queue_report report;
  report.events = std::exchange(events_, {});
  report.counts = counts_;
  report.active_workers = static_cast<std::uint32_t>(slots_.size());
  report.batch_size = static_cast<std::uint32_t>(batch_size);
  report.batch_time = took;
  report.nodes = slots_.loads();
  self_->send(options_.metrics, std::move(report));
}

void queue_state::note(job_event_kind kind, const job& about, error_class error) {
  job_event event;
  event.kind = kind;
  event.id = about.id;
  event.type = about.request.type;
  event.error = error;
  if (kind == job_event_kind::started && about.attempts == 0 && about.history.size() <= 1) {
    ++first_attempts_;
  }
  if (is_set(about.started_at)) {
    const timestamp could_start = std::max(about.created_at, about.due_at);
    event.queue_wait = std::max(milliseconds{0}, about.started_at - could_start);
    event.run_time = std::max(milliseconds{0}, about.updated_at - about.started_at);
  }
  events_.push_back(event);
}

void queue_state::record_and_notify(const job& ended) {
  const timestamp now = options_.clock->now();
  if (policies::has_conversion(ended)) {
    record(policies::make_conversion_update(ended, ended.status, now));
  }
  caf::anon_send(options_.notifier, notify_atom_v, policies::make_notification(ended, ended.status, now));
}

void queue_state::record(const conversion_update& update) {
  self_->request(options_.records, record_timeout, record_atom_v, update)
      .then(
          [](unit_value) {},
          [this, update](const caf::error& reason) {
            // A newer attempt's word stands: the records refuse an update that comes too late.
            if (is_retryable(to_failure(reason).kind)) {
              self_->delayed_send(self_, record_again, repeat_record_atom_v, update);
            }
          }
      );
}

queue_impl::behavior_type queue(queue_state::pointer self, queue_options options) {
  self->state.begin(self, std::move(options));
  auto& state = self->state;
  return {
      [&state](submit_atom, job_request& request) { return state.submit(request); },
      [&state](submit_atom, std::vector<job_request>& requests) {
        return state.submit_all(requests);
      },
      [self](find_atom, const job_id& id) {
        return self->delegate(self->state.store(), find_atom_v, id);
      },
      [self](list_atom, const job_filter& filter) {
        return self->delegate(self->state.store(), list_atom_v, filter);
      },
      [&state](cancel_atom, const job_id& id) { return state.cancel(id); },
      [&state](process_atom, const job_id& id) { return state.promote(id); },
      [&state](retry_atom, const job_id& id) { return state.retry(id); },
      [&state](retry_atom, const job_filter& filter) { return state.retry_all(filter); },
      [&state](drop_atom, const job_id& id) { return state.drop(id); },
      [&state](pause_atom, job_type type, bool is_paused) { return state.pause(type, is_paused); },
      [&state](status_atom) { return state.report_status(); },
      [&state](join_atom, const std::string& id, worker_actor worker) {
        state.join(id, std::move(worker));
      },
      [&state](leave_atom, const std::string& id) { return state.leave(id); },
      [&state](adopt_atom, const std::string& id, worker_actor worker, const attempt_id& attempt) {
        return state.adopt(id, worker, attempt);
      },
      [&state](renew_atom, const attempt_id& attempt) { return state.renew(attempt); },
      [&state](report_atom, const attempt_id& attempt, const job_progress& progress) {
        return state.note_progress(attempt, progress);
      },
      [&state](open_call_atom, const attempt_id& attempt) { return state.open_call(attempt); },
      [&state](settle_call_atom, const attempt_id& attempt, const call_settlement& settlement) {
        return state.settle_call(attempt, settlement);
      },
      [&state](finish_atom, const attempt_id& attempt, attempt_outcome& outcome) {
        return state.finish(attempt, outcome);
      },
      [&state](due_atom) { state.dispatch(); },
      [&state](start_atom) { return state.start(); },
      [&state](drain_atom, milliseconds timeout) { return state.drain(timeout); },
      [&state](capacity_atom, const provider_capacity& changed) { state.change_capacity(changed); },
      [&state](settings_atom, settings& changed) { state.change_settings(changed); },
      [&state](poll_atom) { state.poll(); },
      [&state](purge_atom) { state.tidy(); },
      [&state](drain_deadline_atom, std::uint64_t number) { state.drain_deadline(number); },
      [&state](drain_overdue_atom, std::uint64_t number) { state.drain_overdue(number); },
      [&state](revoke_atom, const job_id& id) { state.revoke(id); },
      [&state](repeat_record_atom, const conversion_update& update) { state.record(update); },
  };
}

}  // namespace stayler::actors
