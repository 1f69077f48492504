// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/bulk_job_change.hpp"
#include "actors/queue/job_commands.hpp"
#include "actors/queue/job_notice_sender.hpp"
#include "actors/queue/leases/attempt_completer.hpp"
#include "actors/queue/leases/dispatcher.hpp"
#include "actors/queue/leases/lease_recovery.hpp"
#include "actors/queue/leases/lease_service.hpp"
#include "actors/queue/leases/suspect_runs.hpp"
#include "actors/queue/queue_context.hpp"
#include "actors/queue/run_state.hpp"

#include <vector>

namespace stayler::actors {

/// Owns the job store, the leases and the dispatch. See docs/state_machine.md for the states of a
/// job and ARCHITECTURE.md for the batching rule.
///
/// Each message has its handler in one of the parts; what they all have to say to the store goes
/// through one batcher. The queue itself keeps its timers and the way to the store.
class queue_state {
 public:
  static inline const char* name = "queue";

  using pointer = queue_impl::stateful_pointer<queue_state>;

  explicit queue_state(pointer self);

  /// Takes back what an earlier queue of this process left, and starts the timers.
  void begin(queue_options options);
  queue_impl::behavior_type make_behavior();

 private:
  caf::result<queue_status> report_status();
  [[nodiscard]] dispatch_status report_dispatch() const;
  void change_settings(settings& changed);

  void poll();
  void clean_up();
  /// Removes what is past its retention, one pass after the other.
  void purge();

  void watch_store();
  void send_batch(policies::store_batcher::batch batch);
  void batch_written(adapters::store_outcome& outcome, caf::actor_clock::time_point sent_at);
  void batch_failed(const caf::error& reason);
  void note_store_error(error_class kind);
  void report_batch(std::size_t size, std::chrono::microseconds took);

  queue_context context_;
  job_notice_sender notices_{context_};
  attempt_completer attempts_{context_, notices_};
  run_state run_{context_, attempts_};
  suspect_runs suspects_{context_, attempts_};
  dispatcher dispatcher_{context_, run_, attempts_, suspects_, notices_};
  lease_recovery recovery_{context_, attempts_, suspects_};
  lease_service leases_{context_, attempts_, recovery_, run_};
  job_commands commands_{context_, run_, notices_, recovery_};
  bulk_job_change bulk_{context_, recovery_};
  job_store_io_actor lister_;  ///< beside the store where that one blocks, else the store itself
  bool has_counts_ = false;    ///< since the first batch
  bool has_begun_ = false;     ///< since the store took a change
  std::vector<error_class> store_errors_;  ///< since the last report, one of each
  std::uint64_t full_store_errors_ = 0;    ///< batches that the store had no room for
};

queue_impl::behavior_type queue(queue_state::pointer self, queue_options options);

}  // namespace stayler::actors
