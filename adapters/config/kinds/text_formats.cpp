// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"

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
  return why_no_web_url(text).empty();
}

std::string why_no_web_url(std::string_view text) {
  if (!is_token(text)) {
    return "it holds blanks, control characters, or others beyond ASCII";
  }
  const auto begins = [text](std::string_view with) {
    return starts_with_ignoring_case(text, with);
  };
  if (!begins("http://") && !begins("https://")) {
    return "it does not begin with http:// or https://";
  }
  const auto parsed = parse_url(text);
  if (!parsed) {
    return parsed.error().message;
  }
  // They would be shown wherever the address is.
  if (parsed->authority.has_credentials) {
    return "it holds a user's name or password";
  }
  return parsed->authority.host.empty() ? "it has no host" : "";
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

std::string why_no_redis_url(std::string_view text) {
  const auto read = parse_redis_url(text);
  return read ? std::string{} : read.error().message;
}

}  // namespace stayler::adapters
