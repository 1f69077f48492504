// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_url.hpp"

#include "adapters/postgres/postgres_hosts.hpp"
#include "adapters/postgres/postgres_parameters.hpp"
#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stayler::adapters {

namespace {

/// What must be written otherwise inside of a password, of which these messages show nothing.
constexpr std::string_view how_to_escape =
    "in a user's name or a password write % as %25, / as %2F, @ as %40, : as %3A, ? as %3F";

failure refused_url(std::string why) {
  return {error_class::invalid_input, std::move(why)};
}

/// The parts of a URL behind its scheme, as they stand there.
struct url_parts {
  std::string_view credentials;  ///< before the @
  std::string_view place;        ///< hosts, ports, database
  std::string_view query;        ///< behind the ?
  bool has_query = false;
};

/// Cut as libpq cuts: a user and a password end at the first @, if no / comes before it.
url_parts cut(std::string_view text) {
  url_parts parts;
  const auto end = text.find_first_of("@/");
  if (end != std::string_view::npos && text[end] == '@') {
    parts.credentials = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  parts.place = text.substr(0, text.find('?'));
  parts.has_query = parts.place.size() < text.size();
  parts.query = parts.has_query ? text.substr(parts.place.size() + 1) : std::string_view{};
  return parts;
}

void_result check_escapes(std::string_view part, std::string_view what) {
  if (decode_percent(part)) {
    return ok();
  }
  return refused_url(
      fmt::format("{} has a % without two hexadecimal digits behind it; {}", what, how_to_escape)
  );
}

void_result check_parts(const url_parts& parts) {
  const auto colon = parts.credentials.find(':');
  const bool has_password = colon != std::string_view::npos;
  if (auto user = check_escapes(parts.credentials.substr(0, colon), "the user's name"); !user) {
    return user;
  }
  const auto password = has_password ? parts.credentials.substr(colon + 1) : std::string_view{};
  if (auto read = check_escapes(password, "the password"); !read) {
    return read;
  }
  // What is behind the true end of a password that has a raw / or @ in it is taken for the host,
  // and would be shown as that by each message that names it.
  if (parts.place.substr(0, parts.place.find('/')).find('@') != std::string_view::npos
      || (parts.credentials.empty() && parts.place.find('@') != std::string_view::npos)) {
    return refused_url(fmt::format("it is not clear where the host begins; {}", how_to_escape));
  }
  return check_escapes(parts.place, "the host or the database");
}

bool is_port(std::string_view text) {
  const auto number = parse_number<std::uint32_t>(text);
  return text.empty() || (number && *number >= 1 && *number <= 65'535);
}

/// What only libpq can read. A port that is none may be a password's part.
void_result check_hosts(const std::string& url) {
  const auto hosts = postgres_hosts_in(url);
  if (!hosts) {
    return hosts.error();
  }
  for (const postgres_host& host : *hosts) {
    if (!is_port(host.port)) {
      return refused_url(fmt::format("a port must be a number, 1 to 65535; {}", how_to_escape));
    }
  }
  return ok();
}

}  // namespace

result<postgres_options> parse_postgres_url(std::string_view url) {
  const auto scheme = url.find("://");
  const bool has_scheme = url.starts_with("postgres://") || url.starts_with("postgresql://");
  if (!has_scheme || url.find('\0') != std::string_view::npos) {
    return refused_url("must begin with postgres:// or postgresql://, and have no zero byte");
  }
  const std::string_view head = url.substr(0, scheme + 3);
  const url_parts parts = cut(url.substr(head.size()));
  if (auto checked = check_parts(parts); !checked) {
    return std::move(checked).error();
  }
  postgres_options options;
  const auto left = read_postgres_parameters(parts.query, options);
  if (!left) {
    return left.error();
  }
  options.url = url.substr(0, url.size() - parts.query.size() - (parts.has_query ? 1 : 0));
  options.url += left->empty() ? "" : "?" + *left;
  if (auto checked = check_hosts(options.url); !checked) {
    return std::move(checked).error();
  }
  return options;
}

}  // namespace stayler::adapters
