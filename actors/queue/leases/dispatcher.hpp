// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/job_notice_sender.hpp"
#include "actors/queue/leases/attempt_completer.hpp"
#include "actors/queue/queue_context.hpp"
#include "actors/queue/run_state.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace stayler::actors {

/// Gives due jobs to free workers. Jobs are leased by claims, which are part of the next batch;
/// jobs that call the provider only as far as it has room.
class dispatcher {
 public:
  dispatcher(
      queue_context& context,
      const run_state& run,
      attempt_completer& attempts,
      job_notice_sender& notices
  )
      : context_(context), run_(run), attempts_(attempts), notices_(notices) {}

  /// Adds the claims for free workers to the batch that is about to go out.
  void add_claims();

  /// The provider can take more, or less, from now on.
  void change_capacity(const provider_capacity& changed);

 private:
  void claim_for(std::size_t most, std::vector<job_type> except);
  void assign(const std::vector<std::string>& workers, adapters::store_reply& reply);
  /// Gives the worker the job that was claimed for it, or the job back where it cannot work.
  void assign_to(worker_slot* slot, job& leased);
  /// How many more jobs the provider can take that will call it.
  [[nodiscard]] std::size_t provider_room() const;

  queue_context& context_;
  const run_state& run_;
  attempt_completer& attempts_;
  job_notice_sender& notices_;
  std::optional<provider_capacity> capacity_;  ///< nothing: no bound is known
};

}  // namespace stayler::actors
