// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_store.hpp"
#include "adapters/job_store/job_table.hpp"

#include <memory>

namespace stayler::adapters {

/// The store of one process over a table of jobs: it carries out the store operations by the rules
/// of job_transitions.hpp and in the order of fair_queue.hpp. An error of the table undoes the
/// whole batch; an error of a change is its reply's. Fails where the table cannot be read.
result<std::unique_ptr<job_store>> open_indexed_job_store(std::unique_ptr<job_table> table);

}  // namespace stayler::adapters
