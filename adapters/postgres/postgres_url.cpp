// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_url.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

namespace stayler::adapters {

namespace {

struct parts_closer {
  void operator()(PQconninfoOption* parts) const noexcept { PQconninfoFree(parts); }
};

bool is_parameter(std::string_view name) {
  const std::unique_ptr<PQconninfoOption, parts_closer> known{PQconndefaults()};
  for (const auto* each = known.get(); each != nullptr && each->keyword != nullptr; ++each) {
    if (name == each->keyword) {
      return true;
    }
  }
  return name == "ssl";  // as JDBC has it
}

/// The first parameter that libpq does not know; empty where there is none. A password with a
/// question mark in it looks like parameters, too: nothing of that may be shown.
std::string unknown_parameter(std::string_view url) {
  auto query = url.substr(std::min(url.find('?'), url.size()));
  if (query.find('@') != std::string_view::npos) {
    return {};
  }
  query.remove_prefix(std::min<std::size_t>(1, query.size()));
  while (!query.empty()) {
    auto parameter = take_until(query, "&");
    const auto name = take_until(parameter, "=");
    if (!name.empty() && is_alphanumeric(name, "_") && !is_parameter(name)) {
      return std::string{name};
    }
  }
  return {};
}

/// What libpq does not take of a URL. Its own words quote what may be a part of the password.
std::string why_not_taken(std::string_view url) {
  if (!decode_percent(url)) {
    return "a % in it begins no escape: in a name or password it is written %25";
  }
  if (const auto unknown = unknown_parameter(url); !unknown.empty()) {
    return "libpq has no parameter " + unknown;
  }
  return "libpq cannot read it; in a name or password, : / ? # [ ] @ are written %3A and so on";
}

}  // namespace

result<postgres_options> parse_postgres_url(std::string_view url) {
  const bool has_scheme = url.starts_with("postgres://") || url.starts_with("postgresql://");
  postgres_options options;
  options.url = url;
  const bool is_whole = url.find('\0') == std::string_view::npos;
  const std::unique_ptr<PQconninfoOption, parts_closer> parts{
      has_scheme && is_whole ? PQconninfoParse(options.url.c_str(), nullptr) : nullptr};
  if (!has_scheme) {
    return failure{
        error_class::invalid_input, "it does not begin with postgres:// or postgresql://"};
  }
  if (!parts) {
    return failure{error_class::invalid_input, why_not_taken(url)};
  }
  return options;
}

}  // namespace stayler::adapters
