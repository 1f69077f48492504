// SPDX-License-Identifier: MIT
#pragma once

#include "tests/e2e/service_stack.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace stayler::test {

/// How a job of the load may end.
using endings = std::set<std::string>;

/// Callers that submit jobs at a steady rate, come again where they are told to, and cancel some of
/// what they have asked for. One job in a hundred is refused by the provider, for good.
class chaos_load {
 public:
  /// The first job is submitted now, the last when `lasts` is over.
  chaos_load(service_stack& stack, std::size_t jobs, std::chrono::milliseconds lasts);
  chaos_load(const chaos_load&) = delete;
  chaos_load& operator=(const chaos_load&) = delete;
  /// Ends as soon as the callers have their answers.
  ~chaos_load();

  /// Waits until all jobs were accepted; what may have become of each, by id.
  std::map<std::string, endings> wait();

  /// Submissions that were not accepted at once.
  [[nodiscard]] std::size_t repeats() const { return repeats_; }

 private:
  void run();
  void submit(std::size_t number);
  endings cancel(const std::string& id);

  service_stack& stack_;
  std::vector<std::string> bodies_;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::microseconds pause_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> repeats_{0};
  std::atomic<bool> is_over_{false};
  std::mutex mutex_;
  std::map<std::string, endings> accepted_;
  std::vector<std::thread> callers_;
};

}  // namespace stayler::test
