// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/cluster/redis_locator.hpp"
#include "adapters/redis/connection/interruptible_wait.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace stayler::adapters {

/// Listens to a channel on a thread and a connection of its own; connects again where it broke.
/// Messages that come meanwhile are lost, as always with pub/sub.
class redis_listener {
 public:
  /// `heard` is called on the listener's thread.
  redis_listener(
      redis_options server, std::string channel, std::function<void(std::string_view)> heard
  );
  redis_listener(const redis_listener&) = delete;
  redis_listener& operator=(const redis_listener&) = delete;
  ~redis_listener();

 private:
  void run(const std::stop_token& stop);
  void listen(redis_connection& connection, const std::stop_token& stop);
  bool receive_messages(redis_connection& connection);

  redis_locator locator_;
  std::string channel_;
  std::function<void(std::string_view)> heard_;
  interruptible_wait wait_;
  std::jthread thread_;
};

}  // namespace stayler::adapters
