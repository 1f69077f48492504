// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_store.hpp"
#include "adapters/tracing/span_buffer.hpp"

#include <memory>

namespace stayler::adapters {

/// The same store, which also records how long jobs have waited, and their attempts: when the store
/// has taken that an attempt has ended, whoever says so. So an attempt whose worker was lost has
/// its span, too, and what that worker has recorded is below it.
std::unique_ptr<job_store> make_tracing_job_store(
    std::unique_ptr<job_store> inner, span_buffer_ptr spans
);

}  // namespace stayler::adapters
