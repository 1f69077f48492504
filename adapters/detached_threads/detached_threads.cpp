// SPDX-License-Identifier: MIT
#include "adapters/detached_threads/detached_threads.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace stayler::adapters {

namespace {

/// Calls under way; each thread holds it, and so it outlives whoever started them.
class call_count {
 public:
  void add() {
    const std::lock_guard lock{mutex_};
    ++count_;
  }

  void remove() {
    const std::lock_guard lock{mutex_};
    --count_;
    changed_.notify_all();
  }

  bool wait_for_none(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, limit, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

class system_threads final : public detached_threads {
 public:
  void_result start(std::function<void()> call) override {
    count_->add();
    try {
      std::thread{[count = count_, call = std::move(call)]() mutable {
        call();
        call = nullptr;  // what it holds is part of the call
        count->remove();
      }}.detach();
    } catch (const std::system_error& error) {
      count_->remove();
      return failure{error_class::unavailable, std::string{"no thread: "} + error.what()};
    }
    return ok();
  }

  bool wait_for_all(std::chrono::milliseconds limit) override {
    return count_->wait_for_none(limit);
  }

 private:
  std::shared_ptr<call_count> count_ = std::make_shared<call_count>();
};

}  // namespace

std::unique_ptr<detached_threads> make_detached_threads() {
  return std::make_unique<system_threads>();
}

}  // namespace stayler::adapters
