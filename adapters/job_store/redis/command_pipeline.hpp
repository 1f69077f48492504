// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/redis_commands.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// Commands for one pipeline, as the argument lists of as many runs of the script as they take. No
/// run is so long that it would keep others from the server, and none mixes new jobs with other
/// commands: a server without memory refuses a script by its first write.
class command_pipeline {
 public:
  /// `start` is what each list begins with.
  explicit command_pipeline(std::vector<std::string> start) : start_(std::move(start)) {}

  void add(redis_command command);

  /// One at least: each run also makes jobs due and says how the queue stands.
  [[nodiscard]] std::vector<std::vector<std::string>> take_argument_lists();

  /// The answer to each command, in order; valid as long as the replies to the runs, of which these
  /// are. A run that failed answers each of its commands alike.
  [[nodiscard]] std::vector<redis_value> answers_in(const std::vector<redis_reply>& replies) const;

 private:
  std::vector<std::string> start_;
  std::vector<std::vector<std::string>> lists_;
  std::vector<std::size_t> sizes_;
  bool is_enqueueing_ = false;  ///< in the last run
};

}  // namespace stayler::adapters
