// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_store.hpp"

#include <memory>

namespace stayler::adapters {

/// A store in this process's memory; what it holds ends with the process.
std::unique_ptr<job_store> make_memory_job_store();

}  // namespace stayler::adapters
