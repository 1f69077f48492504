// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/http_client/http_client.hpp"
#include "adapters/notification_channel/notification_channel.hpp"
#include "messages/base/time.hpp"

#include <string>
#include <variant>
#include <vector>

namespace stayler::adapters {

/// The request that posts the notification to that URL in the Standard Webhooks form, with a
/// signature by each of the keys. Its time is that of this delivery, not of the event: receivers
/// refuse old ones, so that a recorded request cannot be played again.
http_request make_web_hook_request(
    const std::string& url,
    const notification& event,
    const std::vector<std::string>& keys,
    milliseconds timeout
);

/// What has become of a request to that URL: delivered by a 2xx, gone by a 410; all else may pass,
/// 3xx, 401, 403 and 404 too, as a deployment, a firewall or a move answers with them for a while.
/// Words name nothing of the receiver but, of a redirect, the host that it leads to.
delivery_result read_web_hook_answer(
    const std::string& url, const std::variant<http_response, http_error>& outcome
);

}  // namespace stayler::adapters
