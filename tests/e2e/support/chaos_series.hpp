// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace stayler::test {

/// Reads from the sim, ten times a second, how many calls it has had. Ends with the object.
class call_sampler {
 public:
  explicit call_sampler(const std::string& sim_url);
  call_sampler(const call_sampler&) = delete;
  call_sampler& operator=(const call_sampler&) = delete;
  ~call_sampler();

  /// Ends the sampling; the calls that had come by each time.
  const std::map<timestamp, std::int64_t>& stop();

 private:
  void run(const std::string& url);

  std::map<timestamp, std::int64_t> calls_;
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

/// The most calls within any second of that stretch of time.
std::int64_t busiest_second(
    const std::map<timestamp, std::int64_t>& calls, timestamp from, timestamp to
);

/// A fault, and when it was in force.
struct fault_span {
  std::string name;
  timestamp begin;
  timestamp end;
};

/// Writes a line for each second since `begin`: submitted, completed, calls, failures (attempts
/// without success), open jobs, and the faults in force. The jobs' part comes from the history.
void write_series(
    const std::filesystem::path& csv,
    timestamp begin,
    const std::filesystem::path& history,
    const std::map<timestamp, std::int64_t>& calls,
    const std::vector<fault_span>& faults
);

}  // namespace stayler::test
