// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_parameters.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

namespace stayler::adapters {

namespace {

/// What the pools of other tools are told by URL: there is no pool here, and nothing is prepared.
constexpr std::array<std::string_view, 4> of_other_pools{
    "connection_limit", "pool_timeout", "statement_cache_size", "supa"};

/// Parameters of libpq that it checks only when it connects.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> choices{{
    {"sslmode", "disable, allow, prefer, require, verify-ca, verify-full"},
    {"target_session_attrs", "any, read-write, read-only, primary, standby, prefer-standby"},
    {"channel_binding", "disable, prefer, require"},
    {"gssencmode", "disable, prefer, require"},
    {"ssl", "true"},
}};

/// The names of all parameters that this libpq knows in a URL.
const std::set<std::string, std::less<>>& names_of_libpq() {
  static const auto names = [] {
    std::set<std::string, std::less<>> known{"ssl"};  // JDBC's, which it takes in URLs alone
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> all{
        PQconninfoParse("", nullptr), &PQconninfoFree};
    for (const PQconninfoOption* each = all.get(); each != nullptr && each->keyword != nullptr;
         ++each) {
      known.emplace(each->keyword);
    }
    return known;
  }();
  return names;
}

/// What is no name may be a part of a password, and is not shown.
failure bad_parameter(std::string_view name, std::string_view why) {
  const bool is_name = !name.empty() && name.size() <= 64 && is_alphanumeric(name, "_-.");
  const std::string shown = is_name ? fmt::format("\"{}\"", name) : "whose name is no word";
  return {error_class::invalid_input, fmt::format("the parameter {} {}", shown, why)};
}

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    quoted += c == '"' ? std::string{"\"\""} : std::string{c};
  }
  return quoted + "\"";
}

bool is_choice(std::string_view value, std::string_view allowed) {
  const std::string framed = ", " + std::string{allowed} + ",";
  return !value.empty() && framed.find(", " + std::string{value} + ",") != std::string::npos;
}

/// libpq's own time-out counts for calls that wait in it, which these do not.
void_result read_connect_timeout(std::string_view value, postgres_options& into) {
  const auto seconds = parse_number<int>(value);
  if (!seconds || *seconds > 600) {
    return bad_parameter("connect_timeout", "must be a number of seconds, 600 at most");
  }
  if (*seconds > 0) {
    into.connect_timeout = std::chrono::seconds{*seconds};
  }
  return ok();
}

void_result check_for_libpq(std::string_view name, std::string_view value, postgres_options& into) {
  if (name == "connect_timeout") {
    return read_connect_timeout(value, into);
  }
  const auto choice = std::ranges::find(choices, name, &decltype(choices)::value_type::first);
  if (choice != choices.end() && !is_choice(value, choice->second)) {
    return bad_parameter(name, fmt::format("must be one of {}", choice->second));
  }
  if (names_of_libpq().contains(name)) {
    return ok();
  }
  return bad_parameter(name, "is not known to PostgreSQL nor to this service: leave it out");
}

/// Whether the parameter is one of ours, and has been read.
result<bool> read_own(std::string_view name, const std::string& value, postgres_options& into) {
  if (name == "schema" || name == "search_path") {
    if (value.empty()) {
      return bad_parameter(name, "must name a schema");
    }
    into.search_path = name == "schema" ? quoted_identifier(value) : value;
    return true;
  }
  if (name == "pgbouncer") {
    if (value != "true" && value != "false") {
      return bad_parameter(name, "must be true or false");
    }
    into.is_pooled = value == "true";
    return true;
  }
  return std::ranges::find(of_other_pools, name) != of_other_pools.end();
}

}  // namespace

result<std::string> read_postgres_parameters(std::string_view query, postgres_options& into) {
  std::string left;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) {
      return failure{error_class::invalid_input, "a parameter must be NAME=VALUE"};
    }
    const auto name = decode_percent(pair.substr(0, equals));
    const auto value = decode_percent(pair.substr(equals + 1));
    if (!name) {
      return bad_parameter({}, "has a broken % in it");
    }
    if (!value) {
      return bad_parameter(*name, "has a % without two hexadecimal digits (a % itself is %25)");
    }
    const auto is_own = read_own(*name, *value, into);
    if (!is_own) {
      return is_own.error();
    }
    if (*is_own) {
      continue;
    }
    if (auto known = check_for_libpq(*name, *value, into); !known) {
      return std::move(known).error();
    }
    left += left.empty() ? "" : "&";
    left += pair;
  }
  return left;
}

}  // namespace stayler::adapters
