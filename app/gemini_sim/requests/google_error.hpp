// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"
#include "messages/base/error.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stayler::sim {

/// An error as Google's APIs write it: an HTTP status, a google.rpc.Code by name, a message, and
/// perhaps details.
struct google_error {
  unsigned http_status = 400;
  std::string status = "INVALID_ARGUMENT";
  std::string message;
  std::vector<std::string> details;  ///< each the JSON of one google.rpc detail
};

/// A value, or the error that the caller gets instead.
template <class T>
using checked = std::variant<T, google_error>;

google_error invalid_argument(std::string message);
google_error not_found(std::string message);

/// INVALID_ARGUMENT with a BadRequest that names each field.
google_error invalid_fields(const std::vector<field_problem>& problems);

/// The google.rpc details, as JSON.
std::string error_info(std::string_view reason);
std::string localized_message(std::string_view message);
std::string retry_info(std::chrono::milliseconds delay);
std::string quota_failure(std::string_view quota_id, std::string_view model, unsigned long limit);

/// The JSON body `{"error": {...}}`; inside an array where a stream without alt=sse fails.
http::response to_response(const google_error& error, bool in_array = false);

}  // namespace stayler::sim
