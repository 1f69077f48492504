// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"
#include "adapters/clock/wall_clock.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

namespace stayler::adapters {

/// Sums up calls that were turned away for want of a known API key, so that a flood of them drowns
/// nothing else: one audit record for each address and minute, with their number. What has been
/// summed up goes to the trail when its minute is over, and when the tally ends. From any thread.
class stranger_tally {
 public:
  stranger_tally(
      std::shared_ptr<audit_trail> trail,
      std::shared_ptr<const wall_clock> clock,
      milliseconds minute = milliseconds{60'000},
      std::size_t max_addresses = 10'000  ///< at a time; further ones are summed up together
  );
  stranger_tally(const stranger_tally&) = delete;
  stranger_tally& operator=(const stranger_tally&) = delete;
  ~stranger_tally();

  void count(const std::string& address);

 private:
  using sums = std::unordered_map<std::string, std::uint64_t>;

  void run();
  void record(const sums& calls) const;

  std::shared_ptr<audit_trail> trail_;
  std::shared_ptr<const wall_clock> clock_;
  milliseconds minute_;
  std::size_t max_addresses_;
  std::mutex mutex_;
  std::condition_variable news_;
  sums calls_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace stayler::adapters
