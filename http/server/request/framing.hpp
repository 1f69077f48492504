// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <cstdint>
#include <optional>

namespace stayler::http {

/// How the end of a request's body is found.
struct body_framing {
  enum class kind : std::uint8_t { none, by_length, chunked };
  kind how = kind::none;
  std::uint64_t length = 0;  ///< where it is by_length
};

/// The framing of a request, or the answer that refuses it. Whatever two servers could read in two
/// ways is refused: a body whose end they see in different places smuggles in a request (RFC 9112,
/// 6.1 and 11.2). `content_length` is that of the head, where it has one.
struct framing_decision {
  body_framing framing;
  std::optional<response> refusal;
};

framing_decision find_framing(
    const request& head, bool is_http_1_0, std::optional<std::uint64_t> content_length
);

/// The answer to a request whose body is compressed, which none may be: what is unpacked has no
/// length that could be looked at first. Nothing where it is not.
std::optional<response> refuse_content_coding(const request& head);

}  // namespace stayler::http
