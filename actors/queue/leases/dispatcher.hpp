// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/job_notice_sender.hpp"
#include "actors/queue/leases/attempt_completer.hpp"
#include "actors/queue/leases/suspect_runs.hpp"
#include "actors/queue/queue_context.hpp"
#include "actors/queue/run_state.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace stayler::actors {

/// Gives due jobs to free workers. Jobs are leased by claims, which are part of the next batch;
/// jobs that call the provider only as far as it has room, and suspects in quarantines alone.
class dispatcher {
 public:
  dispatcher(
      queue_context& context,
      const run_state& run,
      attempt_completer& attempts,
      suspect_runs& suspects,
      job_notice_sender& notices
  )
      : context_(context), run_(run), attempts_(attempts), suspects_(suspects), notices_(notices) {}

  /// Adds the claims for free workers to the batch that is about to go out.
  void add_claims();

  /// The provider can take more, or less, from now on.
  void change_capacity(const provider_capacity& changed);

 private:
  void claim_for(
      std::vector<std::string> workers,
      std::vector<job_type> except,
      adapters::store_op::suspect_rule suspects
  );
  void assign(const std::vector<std::string>& workers, adapters::store_reply& reply);
  /// Gives the worker the job that was claimed for it, or the job back where it cannot work.
  void assign_to(worker_slot* slot, job& leased);
  /// The claim for it brought nothing that it is to do: it is free, or leaves if it had asked to.
  void end_claim(worker_slot& without_job);
  /// How many more jobs the provider can take that will call it.
  [[nodiscard]] std::size_t provider_room() const;

  queue_context& context_;
  const run_state& run_;
  attempt_completer& attempts_;
  suspect_runs& suspects_;
  job_notice_sender& notices_;
  std::optional<provider_capacity> capacity_;  ///< nothing: no bound is known
};

}  // namespace stayler::actors
