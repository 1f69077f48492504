// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_url.hpp"

#include <libpq-fe.h>

#include <memory>

namespace stayler::adapters {

namespace {

struct parts_closer {
  void operator()(PQconninfoOption* parts) const noexcept { PQconninfoFree(parts); }
};

}  // namespace

result<postgres_options> parse_postgres_url(std::string_view url) {
  const bool has_scheme = url.starts_with("postgres://") || url.starts_with("postgresql://");
  postgres_options options;
  options.url = url;
  const bool is_whole = url.find('\0') == std::string_view::npos;
  const std::unique_ptr<PQconninfoOption, parts_closer> parts{
      has_scheme && is_whole ? PQconninfoParse(options.url.c_str(), nullptr) : nullptr};
  if (!parts) {
    return failure{
        error_class::invalid_input,
        "must be postgres://[user[:password]@][host][:port][/database], with no other parameters "
        "than libpq knows"};
  }
  return options;
}

}  // namespace stayler::adapters
