// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_url.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::uint16_t server_port = 6379;
constexpr std::uint16_t sentinel_port = 26379;

failure refused(std::string why) {
  return {error_class::invalid_input, std::move(why)};
}

/// A URL with several hosts, which no parser of URLs knows: the hosts, and the URL with the first.
struct host_list {
  std::vector<std::string> hosts;
  std::string url;
  bool has_late_at = false;  ///< an '@' behind the hosts: they were none
};

host_list split_hosts(std::string_view text) {
  const auto slashes = text.find("://");
  if (slashes == std::string_view::npos) {
    return {{}, std::string{text}, false};
  }
  const auto authority = slashes + 3;
  const auto end = std::min(text.find_first_of("/?#", authority), text.size());
  const auto at = text.substr(authority, end - authority).rfind('@');
  const auto begin = at == std::string_view::npos ? authority : authority + at + 1;
  host_list list;
  for (std::string_view rest = text.substr(begin, end - begin);;) {
    const auto comma = std::min(rest.find(','), rest.size());
    list.hosts.emplace_back(rest.substr(0, comma));
    if (comma == rest.size()) {
      break;
    }
    rest.remove_prefix(comma + 1);
  }
  list.url = std::string{text.substr(0, begin)} + list.hosts.front();
  list.url += text.substr(end);
  list.has_late_at = text.find('@', end) != std::string_view::npos;
  return list;
}

result<redis_address> to_address(const std::string& text, std::uint16_t usual_port) {
  const auto parsed = parse_authority(text);
  if (!parsed || parsed->host.empty() || parsed->has_credentials) {
    return refused("each host must be HOST or HOST:PORT, and one must be there");
  }
  redis_address address{parsed->host, usual_port};
  if (!parsed->port.empty()) {
    const auto number = parse_number<std::uint16_t>(parsed->port);
    if (!number || *number == 0) {
      return refused("the port must be 1 to 65535, not '" + parsed->port + "'");
    }
    address.port = *number;
  }
  return address;
}

result<std::vector<redis_address>> to_addresses(
    const std::vector<std::string>& hosts, std::uint16_t usual_port
) {
  std::vector<redis_address> addresses;
  for (const std::string& host : hosts) {
    auto address = to_address(host, usual_port);
    if (!address) {
      return std::move(address).error();
    }
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

void_result read_database(std::string_view text, redis_options& into) {
  if (text.empty()) {
    return ok();
  }
  const auto number = parse_number<std::uint32_t>(text);
  if (!number) {
    return refused("the database must be a number");
  }
  into.database = *number;
  return ok();
}

bool is_of_sentinels(const url& from) {
  return from.scheme.ends_with("+sentinel");
}

/// The path's part that may name the database.
std::string_view database_in_path(const url& from) {
  if (from.scheme == "unix") {
    return {};
  }
  std::string_view path = from.path;
  path.remove_prefix(std::min<std::size_t>(path.size(), 1));
  if (is_of_sentinels(from)) {
    const auto slash = std::min(path.find('/'), path.size());
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return path;
}

void_result read_parameters(const url& from, redis_options& into) {
  const bool is_sentinel = is_of_sentinels(from);
  const std::string known = is_sentinel ? "db, sentinel_user, sentinel_password" : "db";
  std::vector<std::string> seen;
  for (const auto& [name, value] : from.parameters) {
    if (std::ranges::find(seen, name) != seen.end()) {
      return refused("the parameter '" + name + "' is there twice");
    }
    seen.push_back(name);
    if (name == "db") {
      if (value.empty() || !database_in_path(from).empty()) {
        return refused("the database must be there once: as /NUMBER or as ?db=NUMBER");
      }
      if (auto read = read_database(value, into); !read) {
        return read;
      }
    } else if (is_sentinel && name == "sentinel_user") {
      into.sentinel_login.user = value;
    } else if (is_sentinel && name == "sentinel_password") {
      into.sentinel_login.password = value;
    } else {
      return refused("the parameter '" + name + "' is not known, only " + known);
    }
  }
  return ok();
}

/// What stands behind the hosts: /database, or /service[/database].
void_result read_path(const url& from, redis_options& into) {
  if (is_of_sentinels(from)) {
    into.service = from.path.substr(std::min<std::size_t>(from.path.size(), 1));
    into.service.resize(std::min(into.service.find('/'), into.service.size()));
    if (into.service.empty()) {
      return refused("the hosts must be followed by /SERVICE, the Sentinels' name of the master");
    }
  }
  return read_database(database_in_path(from), into);
}

result<redis_options> read_network_url(
    const url& from, const std::vector<std::string>& hosts, redis_options options
) {
  auto addresses = to_addresses(hosts, is_of_sentinels(from) ? sentinel_port : server_port);
  if (!addresses) {
    return std::move(addresses).error();
  }
  options.addresses = std::move(*addresses);
  options.with_tls = from.scheme.starts_with("rediss");
  for (const auto read : {read_path, read_parameters}) {
    if (auto done = read(from, options); !done) {
      return std::move(done).error();
    }
  }
  return options;
}

result<redis_options> read_socket_url(const url& from, redis_options options) {
  options.unix_socket = from.path;
  if (options.unix_socket.size() < 2) {
    return refused("unix:// must be followed by the path of the socket");
  }
  if (auto read = read_parameters(from, options); !read) {
    return std::move(read).error();
  }
  return options;
}

}  // namespace

std::string to_string(const redis_address& address) {
  const bool has_colons = address.host.find(':') != std::string::npos;
  return (has_colons ? "[" + address.host + "]" : address.host) + ":"
         + std::to_string(address.port);
}

result<redis_options> parse_redis_url(std::string_view text) {
  const host_list list = split_hosts(text);
  const auto parsed = parse_url(list.url);
  if (!parsed) {
    return refused(parsed.error().message);
  }
  if (parsed->has_fragment || (list.has_late_at && parsed->scheme != "unix")) {
    return refused("/, ?, # and @ in user and password have to be percent-encoded");
  }
  redis_options options;
  options.login = {parsed->authority.user, parsed->authority.password};
  if (parsed->scheme == "unix") {
    return read_socket_url(*parsed, std::move(options));
  }
  for (const std::string_view known : {"redis", "rediss", "redis+sentinel", "rediss+sentinel"}) {
    if (parsed->scheme == known) {
      return read_network_url(*parsed, list.hosts, std::move(options));
    }
  }
  return refused("there is no scheme '" + parsed->scheme + "'");
}

std::string_view redis_url_forms() {
  return "redis://[[user]:password@]host[:port][,host[:port]...][/database], rediss://... for TLS, "
         "redis+sentinel://[[user]:password@]host[:port][,...]/service[/database] or "
         "unix:///path[?db=database]";
}

}  // namespace stayler::adapters
