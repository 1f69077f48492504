// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/memory/byte_budget.hpp"
#include "http/server/message.hpp"

#include <cstddef>
#include <memory>

namespace stayler::http {

/// What costs less than that is not counted: it is part of what a connection costs anyway, and so
/// small calls are answered while large ones wait.
inline constexpr std::size_t uncounted_bytes = 4UL * 1024;

/// The memory that a server may use for bodies and answers, over all its connections. Each kind has
/// a part of its own, so that nobody who fills one keeps the others from theirs.
struct http_memory {
  explicit http_memory(std::size_t bytes)
      : arriving(std::make_shared<byte_budget>(bytes / 8)),
        bodies(std::make_shared<byte_budget>(bytes / 8 * 3)),
        answers(std::make_shared<byte_budget>(bytes / 2)) {}

  std::shared_ptr<byte_budget> arriving;  ///< bodies that are being read, and small ones
  std::shared_ptr<byte_budget> bodies;    ///< large ones, from when they are whole
  std::shared_ptr<byte_budget> answers;   ///< until the client has taken them
};

/// 503 with Retry-After, to who finds no room.
response no_room_answer();

}  // namespace stayler::http
