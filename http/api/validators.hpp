// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <string>

namespace stayler::http {

// How callers are spared what they have already (RFC 9110, 13).

/// The answer with that ETag, which is in quotes, for its caller alone: no cache between may keep
/// it, and the caller's own asks again each time.
response with_validators(response answer, const std::string& entity_tag);

/// 304, for who has it already.
response not_modified(const std::string& entity_tag);

/// An answer whose body is there whole, with an ETag made of it; 304 where the request's
/// If-None-Match names that.
response unless_known(const request& asked, response answer);

}  // namespace stayler::http
