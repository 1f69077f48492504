// SPDX-License-Identifier: MIT
#include "actors/queue/job_store_io.hpp"

#include "actors/support/reply_promise.hpp"
#include "messages/jobs/job_filter.hpp"

#include <utility>

namespace stayler::actors {

void job_store_io_state::begin(job_store_io_options options) {
  options_ = std::move(options);
}

job_store_io_actor::behavior_type job_store_io_state::make_behavior() {
  return {
      [this](execute_atom, const std::vector<adapters::store_change>& batch) {
        return options_.store->execute(batch, options_.clock->now());
      },
      [this](find_atom, const job_id& id) { return to_caf_result(options_.store->find(id)); },
      [this](list_atom, const job_filter& filter) {
        return to_caf_result(options_.store->list(filter));
      },
      [this](status_atom) { return to_caf_result(options_.store->waiting()); },
  };
}

job_store_io_actor::behavior_type job_store_io(
    job_store_io_actor::stateful_pointer<job_store_io_state> self, job_store_io_options options
) {
  self->state.begin(std::move(options));
  return self->state.make_behavior();
}

}  // namespace stayler::actors
