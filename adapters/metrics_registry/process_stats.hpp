// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace stayler::adapters {

/// When this process started, in seconds since the Unix epoch; 0 where /proc does not tell.
double process_start_time_seconds();

/// The memory of this process that is in RAM; 0 where /proc does not tell.
std::uint64_t process_resident_memory_bytes();

}  // namespace stayler::adapters
