// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_url.hpp"

#include <curl/curl.h>

#include <charconv>
#include <memory>
#include <optional>

namespace stayler::adapters {

namespace {

struct url_closer {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using url_handle = std::unique_ptr<CURLU, url_closer>;

failure refused(std::string why) {
  return {error_class::invalid_input, std::move(why), {}};
}

/// One part of the URL, decoded; empty where it is not there.
std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_URLDECODE) != CURLUE_OK) {
    return {};
  }
  std::string copy{text};
  curl_free(text);
  return copy;
}

template <class Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole ? std::optional{number} : std::nullopt;
}

result<std::uint32_t> to_database(std::string_view text) {
  if (text.empty()) {
    return std::uint32_t{0};
  }
  if (const auto number = to_number<std::uint32_t>(text)) {
    return *number;
  }
  return refused("the database must be a number, not '" + std::string{text} + "'");
}

result<redis_options> read_network_url(CURLU* url, redis_options options) {
  options.host = part_of(url, CURLUPART_HOST);
  if (options.host.size() > 2 && options.host.front() == '[') {
    options.host = options.host.substr(1, options.host.size() - 2);
  }
  if (const std::string port = part_of(url, CURLUPART_PORT); !port.empty()) {
    const auto number = to_number<std::uint16_t>(port);
    if (!number || *number == 0) {
      return refused("the port must be 1 to 65535, not '" + port + "'");
    }
    options.port = *number;
  }
  std::string path = part_of(url, CURLUPART_PATH);
  auto database = to_database(path.empty() ? path : path.substr(1));
  if (!database) {
    return std::move(database).error();
  }
  options.database = *database;
  return options;
}

result<redis_options> read_socket_url(CURLU* url, redis_options options) {
  options.unix_socket = part_of(url, CURLUPART_PATH);
  if (options.unix_socket.size() < 2) {
    return refused("unix:// must be followed by the path of the socket");
  }
  const std::string query = part_of(url, CURLUPART_QUERY);
  constexpr std::string_view key = "db=";
  if (!query.empty() && !query.starts_with(key)) {
    return refused("the only parameter of unix:// is db=NUMBER");
  }
  auto database = to_database(query.empty() ? query : query.substr(key.size()));
  if (!database) {
    return std::move(database).error();
  }
  options.database = *database;
  return options;
}

}  // namespace

result<redis_options> parse_redis_url(std::string_view url) {
  constexpr unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_NO_AUTHORITY;
  const url_handle parsed{curl_url()};
  std::string text{url};
  // curl skips superfluous slashes and would take what follows for the host.
  if (url.starts_with("unix:///")) {
    text.insert(text.find('/') + 2, "localhost");
  } else if (url.find(":///") != std::string_view::npos) {
    return refused("redis:// must be followed by a host");
  }
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), flags) != CURLUE_OK) {
    return refused("must be redis://HOST[:PORT][/DATABASE], rediss://... or unix:///PATH");
  }
  redis_options options;
  options.user = part_of(parsed.get(), CURLUPART_USER);
  options.password = part_of(parsed.get(), CURLUPART_PASSWORD);
  const std::string scheme = part_of(parsed.get(), CURLUPART_SCHEME);
  if (scheme == "unix") {
    return read_socket_url(parsed.get(), std::move(options));
  }
  if (scheme != "redis" && scheme != "rediss") {
    return refused("must begin with redis://, rediss:// or unix://");
  }
  options.with_tls = scheme == "rediss";
  if (part_of(parsed.get(), CURLUPART_HOST).empty()) {
    return refused("redis:// must be followed by a host");
  }
  return read_network_url(parsed.get(), std::move(options));
}

}  // namespace stayler::adapters
