// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_url.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

failure refused(std::string why) {
  return {error_class::invalid_input, std::move(why)};
}

result<std::uint32_t> to_database(std::string_view text) {
  if (text.empty()) {
    return std::uint32_t{0};
  }
  if (const auto number = parse_number<std::uint32_t>(text)) {
    return *number;
  }
  return refused("the database must be a number, not '" + std::string{text} + "'");
}

result<redis_options> read_network_url(const url& from, redis_options options) {
  options.host = from.authority.host;
  if (options.host.empty()) {
    return refused("redis:// must be followed by a host");
  }
  if (const std::string& port = from.authority.port; !port.empty()) {
    const auto number = parse_number<std::uint16_t>(port);
    if (!number || *number == 0) {
      return refused("the port must be 1 to 65535, not '" + port + "'");
    }
    options.port = *number;
  }
  auto database = to_database(from.path.empty() ? from.path : from.path.substr(1));
  if (!database) {
    return std::move(database).error();
  }
  options.database = *database;
  return options;
}

result<redis_options> read_socket_url(const url& from, redis_options options) {
  options.unix_socket = from.path;
  if (options.unix_socket.size() < 2) {
    return refused("unix:// must be followed by the path of the socket");
  }
  for (const auto& [name, value] : from.parameters) {
    if (name != "db" || from.parameters.size() > 1) {
      return refused("the only parameter of unix:// is db=NUMBER");
    }
    auto database = to_database(value);
    if (!database) {
      return std::move(database).error();
    }
    options.database = *database;
  }
  return options;
}

}  // namespace

result<redis_options> parse_redis_url(std::string_view text) {
  const auto parsed = parse_url(text);
  if (!parsed) {
    return refused("must be redis://HOST[:PORT][/DATABASE], rediss://... or unix:///PATH");
  }
  redis_options options;
  options.user = parsed->authority.user;
  options.password = parsed->authority.password;
  if (parsed->scheme == "unix") {
    return read_socket_url(*parsed, std::move(options));
  }
  if (parsed->scheme != "redis" && parsed->scheme != "rediss") {
    return refused("must begin with redis://, rediss:// or unix://");
  }
  options.with_tls = parsed->scheme == "rediss";
  return read_network_url(*parsed, std::move(options));
}

}  // namespace stayler::adapters
