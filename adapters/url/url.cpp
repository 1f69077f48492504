// SPDX-License-Identifier: MIT
#include "adapters/url/url.hpp"

#include "messages/base/text.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/pchars.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cstdint>

namespace stayler::adapters {

namespace {

namespace urls = boost::urls;

/// Where the host stands in a URL: brackets have a meaning there alone.
std::pair<std::size_t, std::size_t> find_host(std::string_view text) {
  const auto slashes = text.find("://");
  const auto begin = slashes == std::string_view::npos ? text.size() : slashes + 3;
  const auto end = std::min(text.find_first_of("/?#", begin), text.size());
  const auto at = text.substr(begin, end - begin).find('@');
  return {at == std::string_view::npos ? begin : begin + at + 1, end};
}

/// The text with an escape for each printable character, and each '%', that may not stand where it
/// does.
std::string escape_strays(std::string_view text) {
  const auto [host_begin, host_end] = find_host(text);
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const bool is_control = byte <= ' ' || byte == 0x7F;
    const bool is_bracket = c == '[' || c == ']';
    const bool may_stand =
        c == '%'     ? i + 2 < text.size() && urls::make_pct_string_view(text.substr(i, 3))
        : is_bracket ? i >= host_begin && i < host_end
                     : is_control || urls::pchars(byte) || c == '/' || c == '?' || c == '#';
    escaped += may_stand ? std::string{c} : encode_percent(text.substr(i, 1));
  }
  return escaped;
}

std::optional<url_authority> read_authority(const urls::authority_view& from) {
  const auto type = from.host_type();
  if (type == urls::host_type::ipvfuture) {
    return std::nullopt;
  }
  url_authority read;
  read.has_credentials = from.has_userinfo();
  read.user = from.user();
  read.password = from.password();
  read.host = from.host_address();
  read.is_address = type == urls::host_type::ipv4 || type == urls::host_type::ipv6;
  read.port = std::string{from.port()};
  return read;
}

failure unusable(std::string why) {
  return {error_class::invalid_input, std::move(why)};
}

}  // namespace

result<url> parse_url(std::string_view text) {
  const std::string escaped = escape_strays(text);
  const auto parsed = urls::parse_uri(escaped);
  const bool has_authority = parsed && parsed->has_authority();
  auto authority = has_authority ? read_authority(parsed->authority()) : std::nullopt;
  if (!authority) {
    return unusable("it is no URL");
  }
  if (!authority->port.empty() && parse_number<std::uint16_t>(authority->port).value_or(0) == 0) {
    return unusable("its port must be 1 to 65535");
  }
  url read;
  read.scheme = parsed->scheme();
  std::transform(read.scheme.begin(), read.scheme.end(), read.scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  read.authority = std::move(*authority);
  read.path = parsed->path();
  // Boost 1.81 would take "b" in "http://a:b" for a path.
  if (!parsed->encoded_path().empty() && !parsed->encoded_path().starts_with('/')) {
    return unusable("it is no URL");
  }
  for (const auto& each : parsed->params()) {
    if (!each.key.empty() || each.has_value) {
      read.parameters.emplace_back(each.key, each.value);
    }
  }
  read.has_fragment = parsed->has_fragment();
  return read;
}

std::optional<url_authority> parse_authority(std::string_view text) {
  const auto parsed = urls::parse_authority(text);
  return parsed ? read_authority(*parsed) : std::nullopt;
}

std::string encode_percent(std::string_view text) {
  return urls::encode(text, urls::unreserved_chars);
}

std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space) {
  const auto valid = urls::make_pct_string_view(text);
  if (!valid || text.find("%00") != std::string_view::npos) {
    return std::nullopt;
  }
  return valid->decode(urls::encoding_opts{plus_is_space});
}

}  // namespace stayler::adapters
