// SPDX-License-Identifier: MIT
#pragma once

// One request as libcurl sees it: options set, bytes in and out, and what its result means. Private
// to the curl client; curl's own header stays in the source files.

#include "adapters/http_client/curl_http_client.hpp"

#include <array>
#include <chrono>

struct curl_slist;

namespace stayler::adapters {

struct easy_deleter {
  void operator()(void* easy) const noexcept;
};
struct list_deleter {
  void operator()(curl_slist* list) const noexcept;
};

/// One request on its way. Curl points into it: it never moves.
struct curl_transfer {
  http_ticket ticket{};
  http_request request;
  http_client::completion done;
  const address_rule* may_connect = nullptr;  ///< null: to any address
  const outgoing_calls* outgoing = nullptr;
  bool has_begun = false;  ///< all is ready for the request, a proxy's tunnel included
  http_response response;
  std::size_t header_bytes = 0;
  std::uint64_t body_size = 0;
  std::uint64_t body_taken = 0;  ///< bytes of the request's body that curl has taken over
  bool is_too_long = false;
  bool is_repeated = false;
  bool is_refused = false;  ///< an address was, and so far none was allowed
  bool has_socket = false;
  std::chrono::steady_clock::time_point started_at = std::chrono::steady_clock::now();
  std::unique_ptr<curl_slist, list_deleter> headers;
  std::array<char, 256> error_text{};        ///< CURL_ERROR_SIZE
  std::unique_ptr<void, easy_deleter> easy;  ///< last: it points to what stands before it
};

/// Makes the call's handle, with the call as its CURLOPT_PRIVATE; false where the request cannot be
/// put into HTTP.
bool prepare(curl_transfer& call);

/// True where a call that has ended in this CURLcode is to be added to curl once more: its kept
/// connection broke while the body was still being sent, so that the server cannot have begun.
/// Curl does the same by itself, but only where it reads before it writes.
bool may_start_over(curl_transfer& call, int code);

/// The answer, or what that CURLcode means. Takes the answer out of the call.
std::variant<http_response, http_error> outcome_of(curl_transfer& call, int code);

/// The outcome of a call that its owner no longer wants.
http_error cancelled(const curl_transfer& call);

}  // namespace stayler::adapters
