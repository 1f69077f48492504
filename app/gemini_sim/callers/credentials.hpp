// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/requests/google_error.hpp"
#include "http/server/message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stayler::sim {

/// Which way the key came: header, query or none.
std::string key_source(const http::request& request);

/// Why the request's key is refused, if it is. Without a list any key is good; one that begins with
/// "invalid" never is.
std::optional<google_error> check_key(
    const http::request& request, const std::vector<std::string>& accepted
);

}  // namespace stayler::sim
