// SPDX-License-Identifier: MIT
#include "adapters/file_watch/file_watch.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <sys/stat.h>
#include <utility>

namespace stayler::adapters {

namespace {

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

file_watch::file_watch(
    std::vector<std::filesystem::path> files, std::function<void()> on_change, milliseconds interval
)
    : files_(std::move(files)), on_change_(std::move(on_change)), interval_(interval) {
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

file_watch::stamp file_watch::stamp_of(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) {
    return {errno};
  }
  return {
      0,
      found.st_dev,
      found.st_ino,
      found.st_size,
      nanoseconds(found.st_mtim),
      nanoseconds(found.st_ctim)};
}

std::vector<file_watch::stamp> file_watch::look() const {
  std::vector<stamp> stamps;
  std::ranges::transform(files_, std::back_inserter(stamps), stamp_of);
  return stamps;
}

void file_watch::run() {
  auto told = look();
  auto seen = told;
  for (;;) {
    std::unique_lock lock{mutex_};
    news_.wait_for(lock, interval_, [this] { return is_triggered_ || is_ending_; });
    if (is_ending_) {
      return;
    }
    const bool was_triggered = std::exchange(is_triggered_, false);
    lock.unlock();
    auto now = look();
    if (was_triggered || (now != told && now == seen)) {
      told = now;
      on_change_();
    }
    seen = std::move(now);
  }
}

}  // namespace stayler::adapters
