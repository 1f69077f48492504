// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/router.hpp"

#include <string_view>

namespace stayler::http {

/// The dashboard: `/` leads to it, the pages under /ui/ are one shell, and what the shell loads is
/// under /ui/files/. Nothing of it needs a key: it is the same for all, and shows what the API
/// tells whoever looks.
void add_dashboard_routes(router& routes);

/// Whether a browser asks for a page of the dashboard because somebody follows a link, which may be
/// on any site: that shows nothing, and no page can look into it.
bool is_visit_of_dashboard(const request& head);

}  // namespace stayler::http
