// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::span<const std::byte> bytes);

/// HMAC-SHA256, raw (32 bytes).
std::string hmac_sha256(std::string_view key, std::string_view message);

/// Standard base64 with padding (RFC 4648, section 4).
std::string base64_encode(std::string_view bytes);

}  // namespace stayler::adapters
