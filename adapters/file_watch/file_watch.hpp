// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace stayler::adapters {

/// Looks at files again and again, on a thread of its own, and tells when they have changed: when
/// another file stands under a name, or one was written to. A symbolic link is followed, so what it
/// points to counts.
class file_watch {
 public:
  /// `on_change` is called on the watch's thread, one call at a time, and must not throw: once a
  /// change has been the same for two looks, so that a file that is being written is left to its
  /// writer.
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
  /// What a file is recognized by.
  struct stamp {
    int error = 0;  ///< why there is none
    std::uint64_t device = 0;
    std::uint64_t node = 0;
    std::int64_t size = 0;
    std::int64_t modified = 0;  ///< nanoseconds
    std::int64_t changed = 0;   ///< nanoseconds

    friend bool operator==(const stamp&, const stamp&) = default;
  };

  static stamp stamp_of(const std::filesystem::path& file);
  [[nodiscard]] std::vector<stamp> look() const;
  void run();

  std::vector<std::filesystem::path> files_;
  std::function<void()> on_change_;
  milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable news_;
  bool is_triggered_ = false;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace stayler::adapters
