// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// Where a PostgreSQL database is and how long to wait for it.
struct postgres_options {
  std::string url;  ///< a secret: it may hold a password
  milliseconds connect_timeout{1'000};
  milliseconds statement_timeout{1'500};  ///< after which the server gives a statement up
  milliseconds answer_timeout{2'000};     ///< after which a server that says nothing counts as away
};

/// The database that a URL of libpq's own form names:
///   postgres://[user[:password]@][host][:port][/database][?option=value&...]
/// and the same with postgresql://. invalid_input, with a message that does not repeat the URL: it
/// may hold a password.
result<postgres_options> parse_postgres_url(std::string_view url);

}  // namespace stayler::adapters
