// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/redis_job_value.hpp"
#include "adapters/redis/redis_connection.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

// What redis_job_script.lua is told: a letter and its arguments for each change.

/// A new job, refused where so many wait.
std::vector<std::string> redis_intake(const stored_job& stored, std::uint64_t max_waiting);
/// A job that has changed; refused where it is no longer what it was before.
std::vector<std::string> redis_update(const redis_job& before, const stored_job& after);
/// The end of a final job.
std::vector<std::string> redis_removal(const redis_job& removed);
/// Whether the indexes have the job.
std::vector<std::string> redis_check(const redis_job& checked);

/// The changes of one round, as the argument lists of as many runs of the script as they take.
/// No run is so long that it would keep others from the server, and none mixes new jobs with other
/// changes: a server without memory refuses a script by its first write.
class script_commands {
 public:
  /// `start` is what each list begins with.
  explicit script_commands(std::vector<std::string> start) : start_(std::move(start)) {}

  void add(std::vector<std::string> change) { add_to_run(std::move(change), false); }
  void add_intake(std::vector<std::string> change) { add_to_run(std::move(change), true); }

  /// One at least: each run also makes jobs due and says how the queue stands.
  [[nodiscard]] std::vector<std::vector<std::string>> take_argument_lists() {
    if (lists_.empty()) {
      lists_.push_back(std::move(start_));
    }
    return std::move(lists_);
  }

  /// The answer to each change, in order. A run that failed answers each of its changes alike.
  [[nodiscard]] std::vector<redis_value> answers_in(const std::vector<redis_reply>& replies) const {
    std::vector<redis_value> answers;
    for (std::size_t run = 0; run < sizes_.size(); ++run) {
      const redis_value reply = replies[run].value();
      for (std::size_t i = 0; i < sizes_[run]; ++i) {
        answers.push_back(reply.is_error() ? reply : reply[3][i]);
      }
    }
    return answers;
  }

 private:
  static constexpr std::size_t changes_per_run = 256;

  void add_to_run(std::vector<std::string> change, bool is_intake) {
    const bool fits = !lists_.empty() && is_intake_ == is_intake && sizes_.back() < changes_per_run;
    if (!fits) {
      lists_.push_back(start_);
      sizes_.push_back(0);
      is_intake_ = is_intake;
    }
    auto& list = lists_.back();
    std::move(change.begin(), change.end(), std::back_inserter(list));
    ++sizes_.back();
  }

  std::vector<std::string> start_;
  std::vector<std::vector<std::string>> lists_;
  std::vector<std::size_t> sizes_;
  bool is_intake_ = false;  ///< of the last run
};

}  // namespace stayler::adapters
