// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// By what calls are told apart that a web page makes in the name of who looks at it. A browser
/// carries a page's requests to any address that its user can reach, but says whose they are.
struct origin_rules {
  bool has_keys = false;  ///< no page knows them; without any, to reach the port is enough
  std::string listen_address = "127.0.0.1";
  bool is_encrypted = false;  ///< own pages come by https
  /// Of pages of other sites that may call as own ones may, as adapters::parse_web_origins() reads
  /// them.
  std::vector<std::string> allowed_origins = {};

  [[nodiscard]] bool allows(std::string_view origin) const noexcept;
};

/// Whether a page of this very service makes the call, by what a browser says of it:
/// Sec-Fetch-Site, or, where it does not send that, Origin. What says neither is no page.
bool is_of_own_page(const request& head);

/// Why a call is refused by where it comes from, or nothing. Without keys: 421 where it names
/// another host than this one, as does a page whose name was made to lead here; 403 where another
/// site's page makes it, or a proxy passes it on; 415 where a browser sends a body that is not said
/// to be JSON, as forms can. With keys: 403 where another site's page would change something. Pages
/// of allowed origins are no others.
std::optional<response> check_origin(const request& head, const origin_rules& rules);

}  // namespace stayler::http
