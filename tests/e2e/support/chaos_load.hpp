// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/http_exchange.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace stayler::test {

/// How a job of the load may end.
using endings = std::set<std::string>;

/// A call of the API, made on several threads: method, path, body, headers.
using api_call = std::function<
    http_answer(const std::string&, const std::string&, const std::string&, const std::vector<std::string>&)>;

/// True for one job in a hundred, which is to have the sim refuse it, for good.
constexpr bool is_refused_by_provider(std::size_t number) {
  return number % 100 == 37;
}

/// Callers that submit jobs at a steady rate, come again where they are told to, and cancel some of
/// what they have asked for.
class chaos_load {
 public:
  /// The first of the jobs is submitted now, the last when `lasts` is over.
  chaos_load(api_call call, std::vector<std::string> bodies, std::chrono::milliseconds lasts);
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

  api_call call_;
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
