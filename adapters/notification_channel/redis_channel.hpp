// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/notification_channel/notification_channel.hpp"
#include "adapters/redis/redis_url.hpp"

#include <memory>
#include <string>

namespace stayler::adapters {

/// Publishes the JSON to a channel of Redis. Whoever has subscribed to it hears of it; that nobody
/// has is no failure. Where Redis is away the failure is unavailable, after a moment.
std::unique_ptr<notification_channel> make_redis_channel(redis_options server, std::string channel);

}  // namespace stayler::adapters
