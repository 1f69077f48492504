// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace stayler::adapters {

using sha256_digest = std::array<std::uint8_t, 32>;

/// SHA-256 of what is added piece by piece.
class sha256_hasher {
 public:
  sha256_hasher();
  sha256_hasher(const sha256_hasher&) = delete;
  sha256_hasher& operator=(const sha256_hasher&) = delete;
  ~sha256_hasher();

  sha256_hasher& add(std::span<const std::byte> bytes);
  sha256_hasher& add(std::string_view text) { return add(std::as_bytes(std::span{text})); }

  /// To be asked once; nothing can be added after it.
  [[nodiscard]] sha256_digest digest();

 private:
  struct context;
  std::unique_ptr<context> context_;
};

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::span<const std::byte> bytes);

/// HMAC-SHA256, raw (32 bytes).
std::string hmac_sha256(std::string_view key, std::string_view message);

/// The same as 64 lower-case hex digits.
std::string hmac_sha256_hex(std::string_view key, std::string_view message);

/// True where the texts are the same; how long that takes tells nothing else.
bool equal_in_constant_time(std::string_view one, std::string_view other) noexcept;

/// Standard base64 with padding (RFC 4648, section 4).
std::string base64_encode(std::string_view bytes);

}  // namespace stayler::adapters
