// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"

#include "adapters/redis/redis_url.hpp"
#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <optional>
#include <string>

namespace stayler::adapters {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

bool is_web_url(std::string_view text) {
  const auto parsed = is_token(text) ? parse_url(text) : std::nullopt;
  // Credentials in an address would be shown wherever the address is.
  return parsed && (parsed->scheme == "http" || parsed->scheme == "https")
         && !parsed->authority.host.empty() && !parsed->authority.has_credentials;
}

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.");
}

bool is_ip_address(std::string_view text) {
  const std::string address{text};
  in6_addr buffer{};
  return inet_pton(AF_INET, address.c_str(), &buffer) == 1
         || inet_pton(AF_INET6, address.c_str(), &buffer) == 1;
}

bool is_token(std::string_view text) {
  return is_visible(text);
}

bool is_key_list(std::string_view text) {
  return is_visible(text) && text.find_first_of("\"'`") == std::string_view::npos;
}

bool is_long_secret(std::string_view text) {
  return text.size() >= 32 && is_plain_text(text);
}

bool is_plain_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), is_control);
}

bool is_folder_name(std::string_view text) {
  return !text.empty() && is_plain_text(text);
}

bool is_redis_url(std::string_view text) {
  return text.empty() || parse_redis_url(text).has_value();
}

}  // namespace stayler::adapters
