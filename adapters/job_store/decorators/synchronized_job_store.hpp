// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_store.hpp"

#include <memory>

namespace stayler::adapters {

/// Lets one call into the store at a time, and one listing beside it where the store is blocking. A
/// queue that has failed leaves its store to the next one while a batch of its own may still be
/// under way, on another thread.
std::unique_ptr<job_store> make_synchronized_job_store(std::unique_ptr<job_store> inner);

}  // namespace stayler::adapters
