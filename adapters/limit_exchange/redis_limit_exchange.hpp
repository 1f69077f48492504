// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/limit_exchange/limit_exchange.hpp"
#include "adapters/redis/redis_url.hpp"

#include <memory>
#include <string>

namespace stayler::adapters {

struct redis_peer_board_options {
  redis_options server;
  std::string queue;                 ///< those of the same queue see each other
  std::string owner;                 ///< this process, unique over restarts and hosts
  milliseconds time_to_live{5'000};  ///< by the server's clock
};

/// A board in a Redis database. It connects when it is first used and again whenever the connection
/// broke; every share is one round trip.
std::unique_ptr<limit_exchange> make_redis_limit_exchange(redis_peer_board_options options);

}  // namespace stayler::adapters
