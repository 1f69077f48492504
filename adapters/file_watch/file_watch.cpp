// SPDX-License-Identifier: MIT
#include "adapters/file_watch/file_watch.hpp"

#include <utility>

namespace stayler::adapters {

file_watch::file_watch(
    std::vector<std::filesystem::path> files, std::function<void()> on_change, milliseconds interval
)
    : changes_(std::move(files)), on_change_(std::move(on_change)), interval_(interval) {
  thread_ = std::thread{[this] { run(); }};
}

file_watch::~file_watch() {
  {
    const std::lock_guard lock{mutex_};
    is_ending_ = true;
  }
  news_.notify_one();
  thread_.join();
}

void file_watch::trigger() {
  {
    const std::lock_guard lock{mutex_};
    is_triggered_ = true;
  }
  news_.notify_one();
}

void file_watch::run() {
  for (;;) {
    std::unique_lock lock{mutex_};
    news_.wait_for(lock, interval_, [this] { return is_triggered_ || is_ending_; });
    if (is_ending_) {
      return;
    }
    const bool was_triggered = std::exchange(is_triggered_, false);
    lock.unlock();
    if (const bool has_changed = changes_.look(); has_changed || was_triggered) {
      on_change_();
    }
  }
}

}  // namespace stayler::adapters
