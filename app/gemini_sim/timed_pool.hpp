// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

namespace stayler::sim {

/// A few threads that run tasks, now or after a delay. A waiting task costs no thread, so thousands
/// of slow answers can be under way. Safe from any thread.
class timed_pool {
 public:
  using clock = std::chrono::steady_clock;
  using task = std::function<void()>;

  explicit timed_pool(unsigned threads);

  /// Finishes the tasks that run, drops those that wait.
  ~timed_pool();

  timed_pool(const timed_pool&) = delete;
  timed_pool& operator=(const timed_pool&) = delete;

  void run(task what) { run_after(clock::duration::zero(), std::move(what)); }
  void run_after(clock::duration delay, task what);

 private:
  struct entry {
    clock::time_point due;
    std::uint64_t number;  ///< first come, first served among equals
    task what;
    friend bool operator<(const entry& a, const entry& b) {
      return a.due != b.due ? a.due > b.due : a.number > b.number;
    }
  };

  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<entry> entries_;
  std::uint64_t next_number_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace stayler::sim
