// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/cluster/redis_locator.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace stayler::adapters {

/// Sends commands for those who must not wait, on a thread and a connection of its own: all that
/// are waiting in one pipeline. Connects when there is something to send.
class redis_sender {
 public:
  using command = std::vector<std::string>;
  using completion = std::function<void(void_result)>;

  /// `key` as for redis_locator: empty where only channels are written to.
  explicit redis_sender(redis_options server, std::string key = {});
  redis_sender(const redis_sender&) = delete;
  redis_sender& operator=(const redis_sender&) = delete;
  /// Sends what is waiting, or tries to, and ends.
  ~redis_sender();

  /// From any thread. `done` runs once, on the sender's thread, with the first error of the server,
  /// or unavailable: it is not known then which commands took place. Where Redis is away, or not
  /// able to, it runs after a pause, so that who sends again at once does not spin.
  void send(std::vector<command> commands, completion done);

 private:
  struct task {
    std::vector<command> commands;
    completion done;
  };

  void run(const std::stop_token& stop);
  void perform(std::vector<task>& tasks, const std::stop_token& stop);
  void_result connect();
  void_result receive(std::size_t answers);
  void pause(const std::stop_token& stop);

  redis_locator locator_;
  std::optional<redis_connection> connection_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<task> waiting_;
  std::jthread thread_;
};

}  // namespace stayler::adapters
