// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/secrets/web_hook_secrets.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "messages/base/text.hpp"

namespace stayler::adapters {

namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t min_key_bytes = 24;
constexpr std::size_t max_key_bytes = 64;

std::optional<std::string> parse_web_hook_secret(std::string_view text) {
  if (text.starts_with(secret_prefix)) {
    text.remove_prefix(secret_prefix.size());
  }
  const auto bytes = base64_decode(text);
  if (!bytes || bytes->size() < min_key_bytes || bytes->size() > max_key_bytes) {
    return std::nullopt;
  }
  std::string key{reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  // The receivers' decoders are stricter than ours: no other alphabet, no missing padding.
  return base64_encode(key) == text ? std::optional{std::move(key)} : std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> parse_web_hook_secrets(std::string_view text) {
  std::vector<std::string> keys;
  while (!text.empty()) {
    const auto one = take_until(text, " ,\t\r\n");
    if (one.empty()) {
      continue;
    }
    auto key = parse_web_hook_secret(one);
    if (!key || keys.size() == max_web_hook_secrets) {
      return std::nullopt;
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace stayler::adapters
