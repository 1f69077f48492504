// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

namespace stayler::adapters {

/// When this process started, in seconds since the Unix epoch; 0 where /proc does not tell.
double process_start_time_seconds();

/// The memory of this process that is in RAM; 0 where /proc does not tell.
std::uint64_t process_resident_memory_bytes();

/// CPU time that this process has used, user and system, its threads' together.
double process_cpu_seconds();

/// File descriptors of this process; `open` is 0 where /proc does not tell.
struct file_counts {
  std::uint64_t open = 0;
  std::uint64_t most = 0;  ///< that may be open
};

file_counts process_files();

/// The least of the limits that the control groups of this process (version 2 or 1) set for
/// memory; 0 where they set none. `root` is where /proc and /sys are.
std::uint64_t cgroup_memory_limit(const std::filesystem::path& root = "/");

}  // namespace stayler::adapters
