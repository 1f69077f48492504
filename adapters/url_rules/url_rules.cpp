// SPDX-License-Identifier: MIT
#include "adapters/url_rules/url_rules.hpp"

#include "adapters/url_rules/public_address.hpp"
#include "messages/base/text.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <memory>

// Not adapters/url: what is checked here is fetched by curl, and two parsers that disagree about
// where the host of a URL is would let a forbidden one through.

namespace stayler::adapters {

namespace {

/// Presigned URLs with a session token have several thousand, three for each + / = in the token.
constexpr std::size_t max_url_bytes = 8'192;

struct url_closer {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using url_handle = std::unique_ptr<CURLU, url_closer>;

failure refused(std::string why) {
  return {error_class::invalid_input, std::move(why)};
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) {
    return {};
  }
  std::string copy{text};
  curl_free(text);
  return copy;
}

std::optional<std::uint16_t> to_port(std::string_view text) {
  const auto port = parse_number<std::uint16_t>(text);
  return port != 0 ? port : std::nullopt;
}

std::optional<host_pattern> parse_pattern(std::string_view text) {
  host_pattern pattern;
  const auto end_of_address = text.find(']');
  const auto colon = text.find(':', end_of_address == std::string_view::npos ? 0 : end_of_address);
  if (colon != std::string_view::npos) {
    const auto port = to_port(text.substr(colon + 1));
    if (!port) {
      return std::nullopt;
    }
    pattern.port = *port;
  }
  pattern.host = to_lower(text.substr(0, colon));
  const bool is_wild = pattern.host.starts_with("*.");
  pattern.host.erase(0, is_wild ? 1 : 0);
  const bool is_address = !is_wild && pattern.host.starts_with('[') && pattern.host.ends_with(']');
  const std::string_view allowed =
      is_address ? "0123456789abcdef:.[]" : "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  // A pattern such as *.com would be of little use as a list of what is trusted.
  const bool is_too_wide = is_wild && pattern.host.find('.', 1) == std::string::npos;
  const bool is_host = !pattern.host.empty() && pattern.host.find("..") == std::string::npos
                       && consists_of(pattern.host, allowed) && pattern.host.back() != '.'
                       && (is_wild || pattern.host[0] != '.');
  return is_host && !is_too_wide ? std::optional{pattern} : std::nullopt;
}

bool matches(
    const host_pattern& pattern, const std::string& host, std::uint16_t port, bool is_tls
) {
  const std::uint16_t wanted_port = pattern.port != 0 ? pattern.port : is_tls ? 443 : 80;
  const bool is_wild = pattern.host.front() == '.';
  const bool is_host = is_wild ? host.size() > pattern.host.size() && host.ends_with(pattern.host)
                               : host == pattern.host;
  return is_host && port == wanted_port;
}

/// True where the host is a numeric address that is not public. What a name stands for is
/// looked at when the connection is made.
bool is_private_literal(const std::string& host) {
  sockaddr_storage storage{};
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    std::memcpy(&storage, &four, sizeof four);
  } else if (host.size() > 2 && host.front() == '['
             && inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    std::memcpy(&storage, &six, sizeof six);
  } else {
    return false;
  }
  return !is_public_address(reinterpret_cast<const sockaddr&>(storage));
}

/// Reads the text into `into`, relative to what is there.
failure read(CURLU* into, std::string_view text) {
  if (text.size() > max_url_bytes || !is_visible(text)) {
    return refused("must be a URL of at most 8192 printable ASCII characters");
  }
  switch (curl_url_set(into, CURLUPART_URL, std::string{text}.c_str(), CURLU_DISALLOW_USER)) {
    case CURLUE_OK:
      return {};
    case CURLUE_USER_NOT_ALLOWED:
      return refused("must not hold a user's name or password");
    default:
      return refused("is not a URL");
  }
}

result<std::string> check(CURLU* url, const url_rules& rules) {
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return refused("must be an http:// or https:// URL");
  }
  const std::string host = to_lower(part_of(url, CURLUPART_HOST));
  const auto port = to_port(part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT)).value_or(0);
  const bool is_listed =
      std::any_of(rules.hosts.begin(), rules.hosts.end(), [&](const host_pattern& pattern) {
        return matches(pattern, host, port, scheme == "https");
      });
  if (!is_listed) {
    return refused(
        rules.hosts.empty()
            ? "is a URL; none are allowed here, see " + std::string{rules.option}
            : "is a URL of a host, or port, that " + std::string{rules.option} + " does not name"
    );
  }
  if (!rules.allows_private && is_private_literal(host)) {
    return refused("is a URL of an address that is not public");
  }
  curl_url_set(url, CURLUPART_FRAGMENT, nullptr, 0);
  return part_of(url, CURLUPART_URL);
}

}  // namespace

std::optional<std::vector<host_pattern>> parse_host_patterns(std::string_view text) {
  std::vector<host_pattern> patterns;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto pattern = parse_pattern(text.substr(0, comma));
    const bool is_cut_off = comma != std::string_view::npos && comma + 1 == text.size();
    if (!pattern || is_cut_off) {
      return std::nullopt;
    }
    patterns.push_back(*pattern);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return patterns;
}

url_rules image_url_rules_from(const settings& config) {
  return {
      parse_host_patterns(config.image_url_allow).value_or(std::vector<host_pattern>{}),
      config.image_url_allow_private};
}

url_rules webhook_url_rules_from(const settings& config) {
  return {
      parse_host_patterns(config.webhook_url_allow).value_or(std::vector<host_pattern>{}),
      config.webhook_url_allow_private, "WORKER_WEBHOOK_URL_ALLOW"};
}

result<std::string> check_url(std::string_view url, const url_rules& rules) {
  const url_handle parsed{curl_url()};
  if (failure wrong = read(parsed.get(), url)) {
    return wrong;
  }
  return check(parsed.get(), rules);
}

result<std::string> check_redirect(
    const std::string& base, std::string_view location, const url_rules& rules
) {
  const url_handle parsed{curl_url()};
  for (const std::string_view step : {std::string_view{base}, location}) {
    if (failure wrong = read(parsed.get(), step)) {
      return wrong;
    }
  }
  auto target = check(parsed.get(), rules);
  if (target && base.starts_with("https:") && !target->starts_with("https:")) {
    return refused("leads from https to http");
  }
  return target;
}

std::string host_of(const std::string& url) {
  const url_handle parsed{curl_url()};
  const bool is_url = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  return is_url ? part_of(parsed.get(), CURLUPART_HOST) : std::string{};
}

std::string origin_of(const std::string& url, const std::string& base) {
  const url_handle parsed{curl_url()};
  for (const std::string& step : {base, url}) {
    if (!step.empty() && curl_url_set(parsed.get(), CURLUPART_URL, step.c_str(), 0) != CURLUE_OK) {
      return {};
    }
  }
  const std::string scheme = part_of(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return {};
  }
  const std::string port = part_of(parsed.get(), CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  return scheme + "://" + to_lower(part_of(parsed.get(), CURLUPART_HOST))
         + (port.empty() ? "" : ":" + port);
}

}  // namespace stayler::adapters
