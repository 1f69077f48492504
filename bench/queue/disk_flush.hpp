// SPDX-License-Identifier: MIT
#pragma once

#include "bench/queue/latency.hpp"

#include <string>

namespace stayler::bench {

/// What the disk itself takes to keep 4 KiB more of a file (write and fdatasync), at that many a
/// second: the least that a store which waits for the disk can take for a batch.
latency_figures measure_disk_flush(
    const std::string& folder, int flushes_per_second, std::chrono::seconds length
);

}  // namespace stayler::bench
