// SPDX-License-Identifier: MIT
#include "app/gemini_sim/timed_pool.hpp"

#include <utility>

namespace stayler::sim {

timed_pool::timed_pool(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { work(); });
  }
}

timed_pool::~timed_pool() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) {
    thread.join();
  }
}

void timed_pool::run_after(clock::duration delay, task what) {
  {
    const std::lock_guard lock{mutex_};
    entries_.push({clock::now() + delay, next_number_++, std::move(what)});
  }
  changed_.notify_one();
}

void timed_pool::work() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (entries_.empty()) {
      changed_.wait(lock);
    } else if (const auto due = entries_.top().due; due > clock::now()) {
      changed_.wait_until(lock, due);
    } else {
      // A priority_queue shows its top as const; it is popped before anyone compares it again.
      task what = std::move(const_cast<entry&>(entries_.top()).what);
      entries_.pop();
      lock.unlock();
      what();
      what = nullptr;
      lock.lock();
    }
  }
}

}  // namespace stayler::sim
