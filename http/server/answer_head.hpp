// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace stayler::http {

class standing_headers;

/// What the server adds to an answer.
struct answer_frame {
  std::string_view server_name;
  std::string_view request_id;
  std::string_view date;       ///< as http_date renders it
  std::size_t body_bytes = 0;  ///< also for an answer to HEAD, which sends none
  const http::standing_headers* standing_headers = nullptr;
  bool is_streamed = false;  ///< the body is of unknown length; chunked, but for HTTP/1.0
  bool closes = false;       ///< the connection ends with this answer
  bool is_http_1_0 = false;  ///< the request was: keep-alive has to be said
};

/// "Tue, 24 Nov 2026 09:30:00 GMT", the form that HTTP wants.
std::string http_date(timestamp now);

/// The status line and all headers, with the empty line at the end. Line breaks inside a header of
/// the answer become spaces, so that no value can smuggle in another header.
std::string render_head(const response& answer, const answer_frame& frame);

/// False for the statuses whose answers have no body by definition.
constexpr bool has_body(unsigned status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace stayler::http
