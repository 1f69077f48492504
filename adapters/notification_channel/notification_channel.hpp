// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/redis_url.hpp"
#include "messages/jobs/conversion.hpp"
#include "messages/base/result.hpp"

#include <functional>
#include <memory>
#include <string>

namespace stayler::adapters {

class http_client;

/// Delivers notifications to the application.
class notification_channel {
 public:
  using completion = std::function<void(void_result)>;

  virtual ~notification_channel() = default;

  /// Delivers once; `done` runs exactly once, on any thread, perhaps before this returns. The
  /// failure's class says whether another try can help.
  virtual void deliver(const notification& event, completion done) = 0;

  /// "log", "webhook" or "redis": for health and logs.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// Writes one line per notification to the log.
std::unique_ptr<notification_channel> make_log_channel();

/// Where web hooks go, and what signs them.
struct web_hook_options {
  std::string url;
  std::string secret;  ///< empty: unsigned. "whsec_" + base64, or any other text as it is
  milliseconds timeout{10'000};
};

/// Posts JSON in the Standard Webhooks form: headers webhook-id, webhook-timestamp and
/// webhook-signature ("v1," + base64 of HMAC-SHA256 over "id.timestamp.body").
/// See https://www.standardwebhooks.com. A 2xx answer is success; 408, 429 and 5xx can be retried,
/// other answers cannot. The client must outlive the channel.
std::unique_ptr<notification_channel> make_web_hook_channel(
    http_client& client, web_hook_options options
);

/// Publishes the JSON to a channel of Redis. Whoever has subscribed to it hears of it; that nobody
/// has is no failure. Where Redis is away the failure is unavailable, after a moment.
std::unique_ptr<notification_channel> make_redis_channel(redis_options server, std::string channel);

/// The JSON document that a web hook and a channel carry; `id` is the event's.
std::string to_json(const notification& event);

}  // namespace stayler::adapters
