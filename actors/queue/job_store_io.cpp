// SPDX-License-Identifier: MIT
#include "actors/queue/job_store_io.hpp"

#include "actors/support/reply_promise.hpp"

#include <utility>

namespace stayler::actors {

job_store_io_actor::behavior_type job_store_io(
    job_store_io_actor::stateful_pointer<job_store_io_state> /*self*/,
    job_store_io_options options
) {
  return {
      [options](execute_atom, const std::vector<adapters::store_change>& batch) {
        return options.store->execute(batch, options.clock->now());
      },
      [options](find_atom, const job_id& id) { return to_caf_result(options.store->find(id)); },
      [options](list_atom, const job_filter& filter) {
        return to_caf_result(options.store->list(filter));
      },
      [options](status_atom) { return to_caf_result(options.store->waiting()); },
  };
}

}  // namespace stayler::actors
