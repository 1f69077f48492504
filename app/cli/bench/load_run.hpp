// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/table/command_spec.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace stayler::cli {

/// The row of `bench`: submits many jobs from several threads, waits for them, and says how fast
/// that was.
command_spec bench_spec();

/// The value below which that share (0 to 1) of them lies; zero where there are none.
std::chrono::microseconds quantile_of(std::vector<std::chrono::microseconds> times, double share);

}  // namespace stayler::cli
