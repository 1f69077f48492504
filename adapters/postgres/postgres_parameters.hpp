// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_url.hpp"
#include "messages/base/result.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// Reads the parameters that stand behind a URL's "?". What is this service's own goes into the
/// options; the answer is what is left, for libpq to read, as it stood there. invalid_input, with
/// the name of the parameter that is unknown or has a value that is not allowed.
result<std::string> read_postgres_parameters(std::string_view query, postgres_options& into);

}  // namespace stayler::adapters
