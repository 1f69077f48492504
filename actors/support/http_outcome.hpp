// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/http_client/http_client.hpp"

#include <caf/all.hpp>

#include <variant>

namespace stayler::actors {

/// What the HTTP client says in the end. Local to a process.
struct http_outcome {
  std::variant<adapters::http_response, adapters::http_error> content;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::http_outcome)
