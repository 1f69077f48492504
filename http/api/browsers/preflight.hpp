// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/browsers/origin.hpp"
#include "http/server/message.hpp"

#include <optional>
#include <string_view>

namespace stayler::http {

/// The answer to a preflight, by which a browser finds out whether another site's page may make a
/// call (Fetch, CORS protocol); nothing where the request is none. 204 with the path's methods
/// where the page's origin is allowed, 403 where it is not, 404 where the path has no methods, and
/// whatever check_origin() refuses.
std::optional<response> answer_preflight(
    const request& head, const origin_rules& rules, std::string_view allowed_methods
);

}  // namespace stayler::http
