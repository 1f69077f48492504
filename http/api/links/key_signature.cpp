// SPDX-License-Identifier: MIT
#include "http/api/links/key_signature.hpp"

#include "adapters/checksum/checksum.hpp"
#include "messages/base/random.hpp"
#include "messages/base/text.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <utility>

namespace stayler::http {

namespace {

std::string random_secret() {
  std::array<std::uint8_t, 32> bytes{};
  if (!fill_random(std::as_writable_bytes(std::span{bytes}))) {
    throw std::runtime_error{"the system has no random bytes"};
  }
  return to_hex(bytes);
}

std::int64_t unix_seconds(timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

key_signature::key_signature(std::string secret)
    : secret_(secret.empty() ? random_secret() : std::move(secret)) {}

// The key's own hash is signed as well. No part before the last can hold a line end, so that no two
// different things are signed alike.
std::string key_signature::sign(
    std::string_view what, const adapters::caller_key& key, std::string_view expires
) const {
  std::string signed_text = key.name + '\n' + to_hex(key.hash) + '\n';
  signed_text.append(expires).append("\n").append(what);
  return adapters::hmac_sha256_hex(secret_, signed_text);
}

key_signature::verdict key_signature::check(
    std::string_view what,
    const adapters::caller_key& key,
    std::string_view expires,
    std::string_view shown,
    timestamp now
) const {
  const auto wanted = sign(what, key, expires);
  const auto seconds = parse_number<std::int64_t>(expires);
  if (!seconds || !adapters::equal_in_constant_time(shown, wanted)) {
    return verdict::forged;
  }
  return unix_seconds(now) < *seconds ? verdict::good : verdict::expired;
}

std::string unix_seconds_text(timestamp time) {
  return std::to_string(unix_seconds(time));
}

}  // namespace stayler::http
