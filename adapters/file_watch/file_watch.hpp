// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/file_watch/file_changes.hpp"
#include "messages/base/time.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace stayler::adapters {

/// Looks for changes of files again and again, on a thread of its own, and tells of them.
class file_watch {
 public:
  /// `on_change` is called on the watch's thread, one call at a time, and must not throw; when, is
  /// what file_changes::look() says.
  file_watch(
      std::vector<std::filesystem::path> files,
      std::function<void()> on_change,
      milliseconds interval = milliseconds{2'000}
  );
  file_watch(const file_watch&) = delete;
  file_watch& operator=(const file_watch&) = delete;

  /// Waits for a call that is under way.
  ~file_watch();

  /// Has `on_change` called at once, whether there is a change or not. From any thread.
  void trigger();

 private:
  void run();

  file_changes changes_;
  std::function<void()> on_change_;
  milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable news_;
  bool is_triggered_ = false;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace stayler::adapters
