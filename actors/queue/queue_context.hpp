// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/job_store_io.hpp"
#include "actors/queue/leases/worker_slots.hpp"
#include "actors/queue/queue_events.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/job_store/job_store.hpp"
#include "adapters/quarantine/quarantines.hpp"
#include "messages/protocol.hpp"
#include "policies/jobs/store_batcher.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace stayler::actors {

/// What a queue needs of the process that it belongs to.
struct queue_options {
  std::shared_ptr<adapters::job_store> store;
  std::shared_ptr<const adapters::wall_clock> clock;
  settings config;
  std::string instance_id;  ///< of this run of the process: leases belong to it
  std::string node;         ///< the host, as /worker/workers shows it
  milliseconds lease{30'000};
  retry_scheduler_actor retries;
  metrics_actor metrics;
  record_io_actor records;
  notifier_actor notifier;
  provider_limits_actor limits;  ///< null: nothing is known of what the provider can take
  std::shared_ptr<adapters::quarantines> quarantines;  ///< null: suspects run as others do
};

/// The queue's own messages, beside its public interface.
using queue_impl = queue_actor::extend<
    /// The poll interval: expired leases, forgotten due times.
    caf::reacts_to<poll_atom>,
    /// The cleanup interval: retention.
    caf::reacts_to<clean_up_atom>,
    /// The drain of that number has had its time: workers hand their leases back.
    caf::reacts_to<drain_deadline_atom, std::uint64_t>,
    /// The workers were told to stop and had a second for it: their leases are taken back.
    caf::reacts_to<drain_overdue_atom, std::uint64_t>,
    /// That job was cancelled through another coordinator: its worker is to stop.
    caf::reacts_to<revoke_atom, job_id>,
    /// It is time to see what has become of that quarantine.
    caf::reacts_to<decide_atom, std::string>,
    /// The records, which were away, may take this now.
    caf::reacts_to<repeat_record_atom, conversion_update>>;

/// What the parts of the queue work on together. It lives as long as the actor's state.
struct queue_context {
  queue_impl::pointer self;
  policies::store_batcher batcher;
  queue_options options{};
  job_store_io_actor store{};
  worker_slots slots{};
  queue_events events{};
  job_counts counts{};       ///< as of the last batch
  bool wants_claim = false;  ///< work or a worker may have become available
  /// What has come of another process's doing, or with time, the counts do not know of yet.
  bool has_news = false;

  [[nodiscard]] timestamp now() const { return options.clock->now(); }

  /// Free workers get what is due, with the next batch. Called whenever work or a worker may have
  /// become available.
  void dispatch() {
    wants_claim = true;
    batcher.flush();
  }

  /// The same where it is not this queue that has made work available.
  void dispatch_news() {
    has_news = true;
    dispatch();
  }

  /// The holder of that attempt's lease, if there still is one, waits for work again.
  void free_holder(const attempt_id& attempt) {
    if (worker_slot* slot = slots.holder_of(attempt)) {
      ++slot->jobs_processed;
      slots.set_free(*slot);
      dispatch();
    }
  }
};

}  // namespace stayler::actors
