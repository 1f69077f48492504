// SPDX-License-Identifier: MIT
#include "adapters/redis/connection/redis_sender.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

constexpr milliseconds pause_after_failure{500};

}  // namespace

redis_sender::redis_sender(redis_options server, std::string key)
    : locator_(std::move(server), std::move(key)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

redis_sender::~redis_sender() {
  thread_.request_stop();
  thread_.join();
}

void redis_sender::send(std::vector<command> commands, completion done) {
  const std::lock_guard lock{mutex_};
  waiting_.push_back({std::move(commands), std::move(done)});
  changed_.notify_one();
}

void redis_sender::run(const std::stop_token& stop) {
  for (;;) {
    std::vector<task> tasks;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
      tasks.swap(waiting_);
    }
    if (tasks.empty()) {
      return;
    }
    perform(tasks, stop);
  }
}

void redis_sender::perform(std::vector<task>& tasks, const std::stop_token& stop) {
  auto usable = connect();
  if (usable) {
    for (const task& each : tasks) {
      for (const command& one : each.commands) {
        connection_->append(std::vector<std::string_view>{one.begin(), one.end()});
      }
    }
  }
  bool has_paused = false;
  for (task& each : tasks) {
    void_result outcome = usable ? receive(each.commands.size()) : usable;
    if (usable && !connection_) {
      usable = outcome;
    }
    if (!outcome && outcome.error().kind == error_class::unavailable && !has_paused) {
      has_paused = true;
      pause(stop);
    }
    each.done(std::move(outcome));
  }
}

void_result redis_sender::connect() {
  if (connection_ && !connection_->has_ended()) {
    return ok();
  }
  connection_.reset();
  auto made = locator_.connect();
  if (!made) {
    return as_outage(std::move(made).error());
  }
  connection_ = std::move(*made);
  return ok();
}

/// A server that is no master any more is left, so that the next connection finds its successor.
void_result redis_sender::receive(std::size_t answers) {
  void_result outcome = ok();
  for (std::size_t i = 0; i < answers; ++i) {
    const auto answer = connection_->receive();
    if (!answer) {
      connection_.reset();
      return answer.error();
    }
    if (leads_elsewhere(answer->value())) {
      connection_.reset();
      return to_failure(answer->value());
    }
    if (outcome && answer->value().is_error()) {
      outcome = to_failure(answer->value());
    }
  }
  return outcome;
}

void redis_sender::pause(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, stop, pause_after_failure, [] { return false; });
}

}  // namespace stayler::adapters
