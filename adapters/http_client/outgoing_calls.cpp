// SPDX-License-Identifier: MIT
#include "adapters/http_client/outgoing_calls.hpp"

#include "adapters/ip_network/ip_network.hpp"
#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace stayler::adapters {

namespace {

failure unusable(std::string why) {
  return {error_class::invalid_input, std::move(why)};
}

struct proxy_scheme {
  std::string_view name;
  std::string_view port;  ///< where none is given; curl's own would be 1080 for all but https
};

constexpr std::array<proxy_scheme, 4> proxy_schemes{
    {{"http", "80"}, {"https", "443"}, {"socks5", "1080"}, {"socks5h", "1080"}}};

const proxy_scheme* find_proxy_scheme(std::string_view name) {
  const auto* found = std::ranges::find(proxy_schemes, name, &proxy_scheme::name);
  return found == proxy_schemes.end() ? nullptr : found;
}

std::string with_brackets(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

/// One entry of a list of exceptions; empty where it is none.
std::string read_exception(std::string_view entry) {
  if (entry == "*") {
    return "*";
  }
  entry.remove_prefix(entry.starts_with("*.") ? 2 : entry.starts_with('.') ? 1 : 0);
  if (entry.starts_with('[')) {
    entry = entry.substr(1, entry.find(']') - 1);
  } else if (std::ranges::count(entry, ':') == 1) {
    std::string_view port = entry;
    entry = take_until(port, ":");
    if (!parse_number<std::uint16_t>(port)) {
      return {};
    }
  }
  const bool is_sound = entry.find('/') == std::string_view::npos
                            ? is_alphanumeric(entry, ".-_:")
                            : parse_ip_networks(entry).has_value();
  return is_sound ? std::string{entry} : std::string{};
}

}  // namespace

const std::string& outgoing_calls::proxy_for(std::string_view url) const noexcept {
  return starts_with_ignoring_case(url, "https://") ? https_proxy : http_proxy;
}

outgoing_calls outgoing_calls_from(const settings& config) {
  const auto proxy = [](const std::string& text) {
    return text.empty() ? text : parse_proxy_url(text).value();
  };
  return {
      config.ca_file, proxy(config.https_proxy), proxy(config.http_proxy),
      config.no_proxy.empty() ? "" : parse_proxy_exceptions(config.no_proxy).value()};
}

result<std::string> parse_proxy_url(std::string_view text) {
  const bool has_scheme = text.find("://") != std::string_view::npos;
  const auto parsed = parse_url(has_scheme ? std::string{text} : "http://" + std::string{text});
  if (!parsed) {
    return unusable(parsed.error().message);
  }
  if (!is_visible(text) || parsed->authority.host.empty()) {
    return unusable("it is no address of a host");
  }
  const proxy_scheme* scheme = find_proxy_scheme(parsed->scheme);
  if (scheme == nullptr) {
    return unusable("its scheme must be http, https, socks5 or socks5h");
  }
  const bool is_bare = (parsed->path.empty() || parsed->path == "/") && parsed->parameters.empty()
                       && !parsed->has_fragment;
  if (!is_bare) {
    return unusable("nothing may follow host and port");
  }
  const url_authority& place = parsed->authority;
  std::string address{scheme->name};
  address += "://";
  if (place.has_credentials) {
    address += encode_percent(place.user) + ":" + encode_percent(place.password) + "@";
  }
  address += with_brackets(place.host) + ":";
  return address += place.port.empty() ? scheme->port : std::string_view{place.port};
}

result<std::string> parse_proxy_exceptions(std::string_view text) {
  std::string list;
  while (!text.empty()) {
    const std::string_view entry = take_until(text, ", \t");
    if (entry.empty()) {
      continue;
    }
    const std::string read = read_exception(entry);
    if (read.empty()) {
      return unusable("\"*\" stands alone, all else are names, domains, addresses and networks");
    }
    // To curl the star means all only where it is the whole list.
    if (read == "*") {
      return read;
    }
    list += (list.empty() ? "" : ",") + read;
  }
  return list;
}

}  // namespace stayler::adapters
