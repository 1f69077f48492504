// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// How long a link is to be good when its request does not say, and at most.
struct link_lifetime {
  milliseconds usual{0};
  milliseconds longest{0};
};

/// What a link is wanted for. Where there are problems, it is of no use.
struct link_request {
  milliseconds lifetime{0};
  std::string job_id;  ///< whose events; empty: none is named
  std::vector<field_problem> problems;
};

/// Reads the body of POST /images/{id}/links: nothing, or {"expiresIn": "1h"}.
link_request parse_image_link_request(std::string_view body, const link_lifetime& allowed);

/// Reads the body of POST /worker/events/tickets: the same, with an optional "jobId".
link_request parse_event_ticket_request(std::string_view body, const link_lifetime& allowed);

/// What came of it.
struct signed_link {
  std::string url;
  std::string thumbnail_url;  ///< empty: there is none
  timestamp expires;
};

std::string render_link(const signed_link& link);

}  // namespace stayler::http
