// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/leases/attempt_completer.hpp"
#include "actors/queue/leases/suspect_runs.hpp"
#include "actors/queue/queue_context.hpp"
#include "policies/supervision/clock_watch.hpp"

#include <string>

namespace stayler::actors {

/// Brings back the work of those that are gone: what other services call a recoverer or a rescuer.
///
/// | what was lost                     | noticed by           | what becomes of the job          |
/// | --------------------------------- | -------------------- | -------------------------------- |
/// | an earlier queue of this process  | reclaim()            | runs again now; an interruption  |
/// | a worker that was told to end     | worker_down()        | runs again now; an interruption  |
/// | a worker that failed              | worker_down()        | runs again later; a crash        |
/// | a node, with all its workers      | worker_down()        | runs again now; a crash          |
/// | a worker that is stuck            | worker_replaced()    | runs again later; a crash        |
/// | a process, a worker that is silent| recover_expired()    | runs again later; a crash        |
/// | a node's slot without its gateway | worker_down()        | runs again now; a crash          |
/// | a quarantine, with its suspect    | worker_down()        | see suspect_runs.hpp; a crash    |
///
/// Jobs have further attempts for other reasons, too: a failure, a drain (run_state.hpp), a lease
/// that reached no worker (dispatcher.hpp), a retry by hand, a claim in Redis whose answer was lost
/// (adapters/job_store/redis). docs/reliability.md tells them apart by what a job shows.
///
/// "Later" is after WORKER_RETRY_DELAY. The second crash makes a job a suspect, which runs alone
/// from then on, so that only its own process can be its third; too many calls to the provider of
/// unknown fate make it a dead letter: policies/retry/retry_policy.cpp, decide_lost.
///
/// A job runs twice at the same time only where its first worker lives, though it was taken for
/// lost. Whichever of the two has the older fencing token is refused by the store, whatever it
/// reports: adapters/job_store/job_transitions.cpp.
class lease_recovery {
 public:
  lease_recovery(queue_context& context, attempt_completer& attempts, suspect_runs& suspects)
      : context_(context), attempts_(attempts), suspects_(suspects) {}

  /// At the start: no worker holds the leases that an earlier queue of this process gave.
  void reclaim();

  /// With each poll: leases that nobody has renewed in time, whoever gave them.
  void recover_expired();

  /// The actor of that address has ended.
  void worker_down(const caf::actor_addr& address, const caf::error& reason);

  /// Another worker has joined under that name while the first one held a lease on that job.
  void worker_replaced(const std::string& worker_id, const job& held);

  /// The job's worker, where it is one of this queue, holds no lease any more and is to stop.
  void revoke(const job_id& taken_away);

 private:
  /// True for the length of a lease after the clock was set.
  bool must_spare_leases();
  void lease_expired(const job& expired);
  void worker_lost(const job& held, const std::string& why, crash_retry when);

  queue_context& context_;
  attempt_completer& attempts_;
  suspect_runs& suspects_;
  policies::clock_watch clock_watch_;
  caf::actor_clock::time_point spares_leases_until_{};
};

}  // namespace stayler::actors
