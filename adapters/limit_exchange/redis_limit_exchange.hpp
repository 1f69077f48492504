// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/limit_exchange/limit_exchange.hpp"
#include "adapters/redis/redis_url.hpp"

#include <memory>
#include <string>

namespace stayler::adapters {

struct redis_limit_exchange_options {
  redis_options server;
  std::string queue;                 ///< processes of the same queue exchange records
  std::string instance_id;           ///< of this process, unique over restarts and hosts
  milliseconds time_to_live{5'000};  ///< of a record, by the server's clock
  encryption_keys keys{};            ///< with which records are encrypted, if any
};

/// An exchange in a Redis database. It connects when it is first used and again whenever the
/// connection broke; every call is one round trip.
std::unique_ptr<limit_exchange> make_redis_limit_exchange(redis_limit_exchange_options options);

}  // namespace stayler::adapters
