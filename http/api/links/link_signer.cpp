// SPDX-License-Identifier: MIT
#include "http/api/links/link_signer.hpp"

#include "adapters/checksum/checksum.hpp"
#include "messages/base/text.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace stayler::http {

namespace {

std::string random_secret() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error{"the system has no random bytes"};
  }
  return to_hex(bytes);
}

std::int64_t unix_seconds(timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

link_signer::link_signer(std::string secret, std::shared_ptr<const adapters::wall_clock> clock)
    : secret_(secret.empty() ? random_secret() : std::move(secret)), clock_(std::move(clock)) {}

// The key's own hash is signed as well: another key of the same name does not inherit its links. No
// part before the last can hold a line end, so that no two different links are signed alike.
std::string link_signer::signature_of(
    const std::string& path, const adapters::caller_key& key, std::string_view expires
) const {
  std::string signed_text = key.name + '\n' + to_hex(key.hash) + '\n';
  signed_text.append(expires).append("\n").append(path);
  std::string signature;
  for (const char byte : adapters::hmac_sha256(secret_, signed_text)) {
    append_hex(signature, static_cast<std::uint8_t>(byte));
  }
  return signature;
}

std::string link_signer::sign(
    const std::string& path, const adapters::caller_key& key, timestamp expires
) const {
  const auto seconds = std::to_string(unix_seconds(expires));
  return path + "?key=" + key.name + "&expires=" + seconds
         + "&signature=" + signature_of(path, key, seconds);
}

link_signer::verdict link_signer::check(const request& received, const adapters::caller_key& key)
    const {
  const auto expires = received.parameter("expires").value_or("");
  const auto shown = received.parameter("signature").value_or("");
  const auto wanted = signature_of(received.path, key, expires);
  const auto seconds = parse_number<std::int64_t>(expires);
  if (!seconds || shown.size() != wanted.size()
      || CRYPTO_memcmp(shown.data(), wanted.data(), wanted.size()) != 0) {
    return verdict::forged;
  }
  return unix_seconds(clock_->now()) < *seconds ? verdict::good : verdict::expired;
}

}  // namespace stayler::http
