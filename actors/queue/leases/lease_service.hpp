// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/leases/attempt_completer.hpp"
#include "actors/queue/leases/lease_recovery.hpp"
#include "actors/queue/queue_context.hpp"
#include "actors/queue/run_state.hpp"

#include <string>

namespace stayler::actors {

/// What workers ask of the queue: to join and leave it, and to keep and end the leases that they
/// hold. The store decides by the fencing token whether an attempt still holds its lease; what this
/// queue knows of it spares most of the stale ones the way there.
class lease_service {
 public:
  lease_service(
      queue_context& context, attempt_completer& attempts, lease_recovery& recovery, run_state& run
  )
      : context_(context), attempts_(attempts), recovery_(recovery), run_(run) {}

  void join(const std::string& worker_id, worker_actor worker);
  bool leave(const std::string& worker_id);
  /// A worker of a node goes on with an attempt that another coordinator has given it.
  caf::result<unit_value> adopt(
      const std::string& worker_id, worker_actor worker, const attempt_id& attempt
  );

  caf::result<unit_value> renew(const attempt_id& attempt);
  caf::result<unit_value> update_progress(const attempt_id& attempt, const job_progress& progress);
  caf::result<unit_value> open_call(const attempt_id& attempt);
  caf::result<unit_value> settle_call(const attempt_id& attempt, const call_settlement& settlement);
  caf::result<unit_value> finish(const attempt_id& attempt, const attempt_outcome& outcome);

 private:
  /// Forgets the worker that had this name before. The job that it held is lost, unless it is the
  /// one that is `going_on`.
  void replace(const std::string& worker_id, const job_id& going_on);
  /// Writes what the holder of a lease reports, where it still holds it.
  caf::result<unit_value> write_for_holder(
      const attempt_id& attempt, adapters::store_change change
  );

  queue_context& context_;
  attempt_completer& attempts_;
  lease_recovery& recovery_;
  run_state& run_;
};

}  // namespace stayler::actors
