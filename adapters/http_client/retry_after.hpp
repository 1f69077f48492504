// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/http_client/http_client.hpp"
#include "messages/base/time.hpp"

#include <optional>
#include <string_view>

namespace stayler::adapters {

/// No answer can ask for a longer wait: more than a month is a slip of the other side.
inline constexpr std::chrono::days longest_retry_after{31};

/// RFC 9110's IMF-fixdate: "Tue, 24 Nov 2026 09:30:00 GMT".
std::optional<timestamp> parse_http_date(std::string_view text);

/// How long the answer's Retry-After asks its caller to wait (RFC 9110, section 10.2.3); zero where
/// it does not say, or says it in no way that is allowed. A date is measured against the answer's
/// own Date where it has one: the two clocks may differ.
milliseconds retry_after(const http_response& answer);

}  // namespace stayler::adapters
