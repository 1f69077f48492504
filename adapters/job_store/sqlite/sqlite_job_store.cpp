// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_store.hpp"

#include "adapters/job_store/indexed_job_store.hpp"
#include "adapters/job_store/sqlite/sqlite_job_table.hpp"

#include <utility>

namespace stayler::adapters {

result<std::unique_ptr<job_store>> open_sqlite_job_store(
    const std::filesystem::path& file, const sqlite_job_store_options& options
) {
  auto table = sqlite_job_table::open(file, options);
  if (!table) {
    return std::move(table).error();
  }
  if (failure broken = (*table)->end_leases()) {
    return broken;
  }
  return open_indexed_job_store(*std::move(table));
}

}  // namespace stayler::adapters
