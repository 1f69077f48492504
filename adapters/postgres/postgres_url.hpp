// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// Where a PostgreSQL database is and how long to wait for it.
struct postgres_options {
  std::string url;  ///< with libpq's parameters alone; a secret: it may hold a password
  milliseconds connect_timeout{1'000};    ///< for each of the hosts that the URL names
  milliseconds statement_timeout{1'500};  ///< after which the server gives a statement up
  milliseconds answer_timeout{2'000};     ///< after which a server that says nothing counts as away
  milliseconds idle_timeout{10'000};      ///< after which it ends a transaction that has gone quiet
  std::string search_path = {};  ///< as PostgreSQL writes it; empty: what the server has set
  bool is_pooled = false;        ///< a pooler is there, whether or not it shows
};

/// The database that a URL of libpq's own form names:
///   postgres://[user[:password]@][host][:port][/database][?parameter=value&...]
/// and the same with postgresql://. The parameters are libpq's and, since other tools hand out URLs
/// with them: schema (one name) and search_path, pgbouncer=true, and connection_limit,
/// pool_timeout, statement_cache_size and supa, which mean nothing here. invalid_input with the
/// reason, which names a parameter or a part of the URL, and never holds what may be a part of its
/// password.
result<postgres_options> parse_postgres_url(std::string_view url);

}  // namespace stayler::adapters
