// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// The HTTP status that says what a failure of that class means to a caller.
unsigned status_of(error_class kind) noexcept;

/// What callers are told of a failure. The service's own parts name paths, hosts and codes, which
/// are for the log: of the classes that they fail with, only the class and a plain sentence remain.
failure conceal(failure why);

/// A failure of another part of the service as an answer: problem+json, with Retry-After where
/// another try makes sense. What is concealed becomes the answer's cause.
response failure_answer(const failure& why);

/// The same in the words of the API itself, which are meant for callers.
response refusal_answer(const failure& why);

/// 400 with every bad field.
response invalid_answer(const std::vector<field_problem>& problems);

/// 404: "there is no such job".
response no_such_answer(std::string_view kind);

/// 415 where a request's body is said to be something else than JSON; otherwise nothing. A body
/// without a Content-Type is taken for JSON, as the former service did.
std::optional<response> check_json_body(const request& req);

/// The media type of a Content-Type header in lower case, without parameters.
std::string media_type(std::string_view content_type);

}  // namespace stayler::http
