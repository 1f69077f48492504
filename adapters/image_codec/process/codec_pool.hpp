// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/process/codec_child.hpp"
#include "adapters/image_codec/process/respawn_schedule.hpp"
#include "messages/service/codec_status.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace stayler::adapters {

struct codec_pool_options {
  codec_child_options child;
  std::size_t size = 2;  ///< processes at work at a time; one more waits as their spare
  std::chrono::milliseconds start_timeout{30'000};          ///< until a process is ready
  std::uint64_t max_calls = 500;                            ///< of one process; then it is replaced
  std::uint64_t max_resident_bytes = 192ULL * 1024 * 1024;  ///< the same
};

/// Codec processes, ready for calls. One thread, the keeper, starts them all and lives as long as
/// the pool: a process is told to end when the thread ends that has started it. Safe from any
/// thread.
class codec_pool {
 public:
  using clock = std::chrono::steady_clock;

  /// Starts the processes and waits for the first one. unavailable, with the reason, where none
  /// comes up.
  static result<std::unique_ptr<codec_pool>> start(const codec_pool_options& options);

  codec_pool(const codec_pool&) = delete;
  codec_pool& operator=(const codec_pool&) = delete;
  /// Ends all processes. None may be lent out.
  ~codec_pool();

  /// Lends a process that was started after that time, once one is free. unavailable where there is
  /// none until the deadline, or, with the reason, where none can be started.
  result<std::unique_ptr<codec_child>> take(
      clock::time_point deadline, clock::time_point born_after = {}
  );

  /// Takes back a process that has answered.
  void give_back(std::unique_ptr<codec_child> child);

  /// Takes back one that was lost, for that reason.
  void bury(std::unique_ptr<codec_child> child, codec_loss why);

  /// Counts a call that is made once more, on another process.
  void count_retry();

  [[nodiscard]] codec_status status() const;

 private:
  struct starting_child {
    std::unique_ptr<codec_child> child;
    clock::time_point deadline;
  };

  explicit codec_pool(const codec_pool_options& options);

  [[nodiscard]] bool has_failed_to_start() const;
  void discard_dead();
  void keep();
  [[nodiscard]] std::size_t count_missing() const;
  void spawn_missing(std::vector<starting_child>& starting);
  void await_news(const std::vector<starting_child>& starting);
  void welcome_started(std::vector<starting_child>& starting);
  void welcome(std::unique_ptr<codec_child> child);
  void note_failed_start(const failure& why);
  void wake_keeper() const;

  codec_pool_options options_;
  file_descriptor wakeup_;  ///< an eventfd, written to for the keeper

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<codec_child>> free_;     ///< ready
  std::vector<std::unique_ptr<codec_child>> retired_;  ///< to be ended, which takes its time
  std::size_t lent_ = 0;
  std::size_t starting_ = 0;
  respawn_schedule schedule_;
  codec_status counts_;
  bool is_ending_ = false;

  std::thread keeper_;
};

}  // namespace stayler::adapters
