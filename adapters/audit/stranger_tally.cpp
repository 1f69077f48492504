// SPDX-License-Identifier: MIT
#include "adapters/audit/stranger_tally.hpp"

#include <utility>

namespace stayler::adapters {

stranger_tally::stranger_tally(
    std::shared_ptr<audit_trail> trail,
    std::shared_ptr<const wall_clock> clock,
    milliseconds minute,
    std::size_t max_addresses
)
    : trail_(std::move(trail)),
      clock_(std::move(clock)),
      minute_(minute),
      max_addresses_(max_addresses) {
  thread_ = std::thread{[this] { run(); }};
}

stranger_tally::~stranger_tally() {
  {
    const std::lock_guard lock{mutex_};
    is_ending_ = true;
  }
  news_.notify_one();
  thread_.join();
}

void stranger_tally::count(const std::string& address) {
  bool is_first = false;
  {
    const std::lock_guard lock{mutex_};
    is_first = calls_.empty();
    const bool has_room = calls_.size() < max_addresses_ || calls_.contains(address);
    ++calls_[has_room ? address : "other addresses"];
  }
  if (is_first) {
    news_.notify_one();
  }
}

void stranger_tally::run() {
  for (bool is_last = false; !is_last;) {
    std::unique_lock lock{mutex_};
    news_.wait(lock, [this] { return is_ending_ || !calls_.empty(); });
    news_.wait_for(lock, minute_, [this] { return is_ending_; });
    is_last = is_ending_;
    const auto calls = std::exchange(calls_, {});
    lock.unlock();
    record(calls);
  }
}

void stranger_tally::record(const sums& calls) const {
  for (const auto& [address, count] : calls) {
    audit_record sum;
    sum.at = clock_->now();
    sum.who = address;
    sum.action = "calls without a known API key";
    sum.status = 401;
    sum.calls = count;
    trail_->add(sum);
  }
}

}  // namespace stayler::adapters
