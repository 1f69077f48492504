// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/notification_channel/notification_channel.hpp"
#include "messages/base/time.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stayler::adapters {

class http_client;

/// Where web hooks go, and what signs them.
struct web_hook_options {
  std::string url;
  std::vector<std::string> keys;  ///< of web_hook_secrets.hpp; none: unsigned
  milliseconds timeout{15'000};
};

/// Posts JSON in the Standard Webhooks form: headers webhook-id, webhook-timestamp and
/// webhook-signature (for each key "v1," + base64 of HMAC-SHA256 over "id.timestamp.body").
/// See https://www.standardwebhooks.com. What an answer means: web_hook_delivery.hpp. The client
/// must outlive the channel.
std::unique_ptr<notification_channel> make_web_hook_channel(
    http_client& client, web_hook_options options
);

}  // namespace stayler::adapters
