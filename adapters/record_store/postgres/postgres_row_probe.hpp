// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_url.hpp"
#include "messages/base/result.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

/// Finds out, before anything is paid for, whether the application's tables take what this service
/// writes: each kind of image and each status of a conversion is written in a transaction that is
/// rolled back. Answers what they do not take although jobs can end well without it, a line for
/// each. invalid_input where no conversion could be recorded as begun or completed, or no result's
/// picture stored: one line that names table, column or rule, and what would help. Further errors
/// as postgres_connection.
result<std::vector<std::string>> probe_rows(const postgres_options& server);

}  // namespace stayler::adapters
