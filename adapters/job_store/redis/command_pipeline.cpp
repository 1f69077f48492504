// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/command_pipeline.hpp"

#include <iterator>

namespace stayler::adapters {

namespace {

constexpr std::size_t commands_per_run = 256;

}  // namespace

void command_pipeline::add(redis_command command) {
  const bool is_enqueue = command.front() == "enqueue";
  const bool fits =
      !lists_.empty() && is_enqueueing_ == is_enqueue && sizes_.back() < commands_per_run;
  if (!fits) {
    lists_.push_back(start_);
    sizes_.push_back(0);
    is_enqueueing_ = is_enqueue;
  }
  auto& list = lists_.back();
  std::move(command.begin(), command.end(), std::back_inserter(list));
  ++sizes_.back();
}

std::vector<std::vector<std::string>> command_pipeline::take_argument_lists() {
  if (lists_.empty()) {
    lists_.push_back(std::move(start_));
  }
  return std::move(lists_);
}

std::vector<redis_value> command_pipeline::answers_in(const std::vector<redis_reply>& replies
) const {
  std::vector<redis_value> answers;
  for (std::size_t run = 0; run < sizes_.size(); ++run) {
    const redis_value reply = replies[run].value();
    for (std::size_t i = 0; i < sizes_[run]; ++i) {
      answers.push_back(reply.is_error() ? reply : answers_of(reply)[i]);
    }
  }
  return answers;
}

}  // namespace stayler::adapters
