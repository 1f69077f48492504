// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace stayler::adapters {

/// A text of the provider's, fit for logs, records and users: one line of at most 500 bytes of
/// UTF-8, without API keys (the provider names the key that it refuses) and without image data (it
/// quotes the base64 that it cannot read).
std::string readable(std::string_view text);

}  // namespace stayler::adapters
