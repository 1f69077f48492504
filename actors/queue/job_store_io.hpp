// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "adapters/job_store/job_store.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/protocol.hpp"

#include <memory>
#include <vector>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<stayler::adapters::store_change>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::adapters::store_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::adapters::waiting_status)

namespace stayler::actors {

/// A job store as an actor, since a store may block. Private to the queue.
using job_store_io_actor = caf::typed_actor<
    /// Applies a batch. What the store has to say against it is in the replies: never an error.
    caf::replies_to<execute_atom, std::vector<adapters::store_change>>::with<
        adapters::store_outcome>,
    /// not_found, unavailable.
    caf::replies_to<find_atom, job_id>::with<job>,
    /// unavailable.
    caf::replies_to<list_atom, job_filter>::with<job_page>,
    /// unavailable.
    caf::replies_to<status_atom>::with<adapters::waiting_status>>;

struct job_store_io_options {
  std::shared_ptr<adapters::job_store> store;
  std::shared_ptr<const adapters::wall_clock> clock;
};

/// Does what it is asked, one thing after the other.
class job_store_io_state {
 public:
  static inline const char* name = "job_store_io";

  void begin(job_store_io_options options);
  job_store_io_actor::behavior_type make_behavior();

 private:
  job_store_io_options options_;
};

/// Spawn it detached where the store blocks.
job_store_io_actor::behavior_type job_store_io(
    job_store_io_actor::stateful_pointer<job_store_io_state> self, job_store_io_options options
);

}  // namespace stayler::actors
