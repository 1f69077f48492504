// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/reply_promise.hpp"
#include "policies/supervision/clock_watch.hpp"
#include "actors/queue/job_store_io.hpp"
#include "actors/queue/worker_slots.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/job_store/job_store.hpp"
#include "messages/protocol.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::actors {

struct queue_options {
  std::shared_ptr<adapters::job_store> store;
  std::shared_ptr<const adapters::wall_clock> clock;
  settings config;
  std::string owner;  ///< this process's incarnation: leases belong to it
  std::string node;   ///< the host, as /worker/workers shows it
  milliseconds lease{30'000};
  retry_scheduler_actor retries;
  metrics_actor metrics;
  record_io_actor records;
  notifier_actor notifier;
  provider_limits_actor limits;  ///< null: nothing is known of what the provider can take
};

/// The queue's own timers, beside its public interface.
using queue_impl = queue_actor::extend<
    /// The poll interval: expired leases, forgotten due times.
    caf::reacts_to<poll_atom>,
    /// The cleanup interval: retention.
    caf::reacts_to<purge_atom>,
    /// The drain of that number has had its time: take the leases back.
    caf::reacts_to<drain_deadline_atom, std::uint64_t>,
    /// The workers were told to stop and had a second for it.
    caf::reacts_to<drain_overdue_atom, std::uint64_t>,
    /// That job was cancelled through another coordinator: its worker is to stop.
    caf::reacts_to<revoke_atom, job_id>,
    /// The records, which were away, may take this now.
    caf::reacts_to<repeat_record_atom, conversion_update>>;

/// Owns the job store, the leases and the dispatch. See docs/state_machine.md for the states of a
/// job and ARCHITECTURE.md for the batching rule.
class queue_state {
 public:
  static inline const char* name = "queue";

  using pointer = queue_impl::stateful_pointer<queue_state>;

  /// Takes over what an earlier queue of this process left, and starts the timers.
  void begin(pointer self, queue_options options);

  caf::result<submit_receipt> submit(job_request& request);
  caf::result<std::vector<submit_answer>> submit_all(std::vector<job_request>& requests);
  caf::result<job> cancel(const job_id& id);
  caf::result<job> promote(const job_id& id);
  caf::result<job> retry(const job_id& id);
  caf::result<retry_report> retry_all(const job_filter& filter);
  caf::result<job> drop(const job_id& id);
  caf::result<unit_value> pause(job_type type, bool is_paused);
  caf::result<queue_status> report_status();

  void join(const std::string& worker_id, worker_actor worker);
  bool leave(const std::string& worker_id);
  /// A worker of a node goes on with an attempt that another coordinator has given it.
  caf::result<unit_value> adopt(
      const std::string& worker_id, const worker_actor& worker, const attempt_id& attempt
  );
  caf::result<unit_value> renew(const attempt_id& attempt);
  caf::result<unit_value> note_progress(const attempt_id& attempt, const job_progress& progress);
  caf::result<unit_value> open_call(const attempt_id& attempt);
  caf::result<unit_value> settle_call(const attempt_id& attempt, const call_settlement& settlement);
  caf::result<unit_value> finish(const attempt_id& attempt, attempt_outcome& outcome);

  caf::result<unit_value> start();
  caf::result<unit_value> drain(milliseconds timeout);
  void drain_deadline(std::uint64_t number);
  void drain_overdue(std::uint64_t number);

  /// Has a conversion recorded; repeated while the records are away.
  void record(const conversion_update& update);

  void poll();
  /// Looks for leases that have run out, unless the clock was set a moment ago.
  void reap();
  void tidy();
  /// Removes what is past its retention, one pass after the other.
  void sweep();
  /// Leases free workers what is due; called whenever work or a worker may have become available.
  void dispatch();
  void change_settings(settings& changed);
  /// The provider can take more, or less, from now on.
  void change_capacity(const provider_capacity& changed);

  [[nodiscard]] const job_store_io_actor& store() const { return runner_; }

  /// The job's worker, where it is one of this process, holds no lease any more and is to stop.
  void revoke(const job_id& taken_away);

 private:
  using on_reply = std::function<void(adapters::store_reply&)>;
  /// Runs when an attempt's end is in the store, with the error if it is not.
  using on_settled = std::function<void(const failure&)>;

  /// A retry of many dead letters under way, one page after the other.
  struct bulk_retry {
    std::shared_ptr<reply_promise<retry_report>> answer;
    job_filter filter;
    retry_report report{};
    failure trouble{};  ///< the store could not be asked: the report would not be true
    std::size_t open = 0;
  };

  // Requests (queue_requests.cpp).
  [[nodiscard]] caf::error refuse_jobs() const;
  adapters::store_op::enqueue intake(job_request& request) const;
  submit_receipt take_in(adapters::store_reply& reply);
  caf::result<job> change_job(adapters::store_change change);
  void retry_page(const std::shared_ptr<bulk_retry>& work);
  void retry_jobs(const std::shared_ptr<bulk_retry>& work, const std::vector<job>& dead);
  /// Has the jobs older than that one (nil: all) that a quota or a budget holds tried again now.
  void wake_held(const job_id& before);

  // Batches (queue.cpp).
  /// Adds a change to the next batch; flush() sends it.
  void add(adapters::store_change change, on_reply done);
  void write(adapters::store_change change, on_reply done);
  void flush();
  void add_claim();
  void claim_for(std::size_t workers, std::vector<job_type> except);
  /// How many more jobs the provider can take that will call it.
  [[nodiscard]] std::size_t provider_room() const;
  void batch_written(adapters::store_outcome& outcome, caf::actor_clock::time_point sent_at);
  void batch_failed(const caf::error& reason);
  void tell_metrics(std::size_t batch_size, std::chrono::microseconds took);
  void note(job_event_kind kind, const job& about, error_class error = error_class::none);
  void record_and_notify(const job& ended);

  // Leases (queue_leases.cpp).
  /// The holder of a lease says something: it is noted if it still holds it.
  caf::result<unit_value> hear_of(const attempt_id& attempt, adapters::store_change change);
  void assign(const std::vector<std::string>& claimed_for, adapters::store_reply& reply);
  void worker_down(const caf::actor_addr& address, const caf::error& reason);
  /// How sure it is that a worker is gone: with its host, or as far as can be seen.
  enum class loss : std::uint8_t { likely, certain };
  /// The job's worker is gone, or given up, for that reason. Where that is certain the job is tried
  /// again at once.
  void worker_lost(const job& left_behind, const std::string& why, loss how_sure = loss::likely);
  void take_over(const std::string& worker_id, const worker_actor& worker, const job& held);
  void lease_expired(const job& expired);
  void settle(const job& attempted, attempt_outcome& outcome, on_settled done);
  void complete(const job& attempted, const job_result& made, on_settled done);
  void end_failed(
      const job& attempted,
      const failure& error,
      adapters::store_op::end_of_lease cause,
      on_settled done,
      loss how_sure = loss::likely
  );
  void write_decision(
      const job& attempted,
      const failure& error,
      adapters::store_op::end_of_lease cause,
      const retry_decision& decision,
      on_settled done
  );
  void give_back(const job& unfinished, on_settled done);
  void free_holder(const attempt_id& attempt);
  void end_drain_if_idle();

  pointer self_ = nullptr;
  queue_options options_;
  job_store_io_actor runner_;
  worker_slots slots_;

  std::vector<adapters::store_change> waiting_changes_;
  std::vector<on_reply> waiting_replies_;
  std::vector<on_reply> replies_in_flight_;
  policies::clock_watch clock_watch_;
  caf::actor_clock::time_point spares_leases_until_{};  ///< the clock was set: none has run out
  std::optional<provider_capacity> capacity_;                   ///< nothing: no bound is known

  job_counts counts_;
  std::vector<job_event> events_;
  std::vector<reply_promise<unit_value>> drain_answers_;
  std::uint64_t drain_number_ = 0;
  std::uint32_t first_attempts_ = 0;  ///< in the batch
  service_state state_ = service_state::stopped;
  bool is_writing_ = false;
  bool wants_claim_ = false;  ///< work or a worker may have become available
  bool has_counts_ = false;   ///< since the first batch
};

queue_impl::behavior_type queue(queue_state::pointer self, queue_options options);

}  // namespace stayler::actors
