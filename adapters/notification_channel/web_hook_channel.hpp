// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/notification_channel/notification_channel.hpp"
#include "messages/base/time.hpp"

#include <memory>
#include <string>

namespace stayler::adapters {

class http_client;

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

}  // namespace stayler::adapters
