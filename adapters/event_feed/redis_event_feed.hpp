// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/event_feed/event_feed.hpp"
#include "adapters/redis/redis_url.hpp"

#include <memory>
#include <string>

namespace stayler::adapters {

struct redis_event_feed_options {
  redis_options server;
  std::string queue = "stayler";  ///< the stream is called {queue}:events
  encryption_keys keys{};         ///< with which entries are encrypted, if any
};

/// The events of all coordinators that share a queue, in one bounded stream in Redis; its ids are
/// theirs, so that a reader can go on at any coordinator. Events that are published while others
/// are on their way to Redis go out together. While Redis is away they are kept, up to a number;
/// readers get what they have missed when it is back, and perhaps some of it twice.
std::shared_ptr<event_feed> make_redis_event_feed(redis_event_feed_options options);

}  // namespace stayler::adapters
