// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/memory_job_store.hpp"

#include "adapters/job_store/indexed_job_store.hpp"
#include "adapters/job_store/memory/memory_job_table.hpp"

namespace stayler::adapters {

std::unique_ptr<job_store> make_memory_job_store() {
  return open_indexed_job_store(std::make_unique<memory_job_table>()).value();
}

}  // namespace stayler::adapters
