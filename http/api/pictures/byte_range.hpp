// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stayler::http {

/// What a Range header asks of a body.
struct byte_range {
  enum class kind : std::uint8_t {
    whole,          ///< none asked for, or in a form that may be ignored
    part,           ///< `count` bytes from `offset` on
    unsatisfiable,  ///< nothing of it lies inside
  };
  kind type = kind::whole;
  std::size_t offset = 0;
  std::size_t count = 0;
};

/// Reads a Range header ("bytes=0-99", "bytes=100-", "bytes=-50") against a body of that size. More
/// than one range is answered with the whole, as RFC 9110 allows.
byte_range parse_byte_range(std::string_view header, std::size_t size) noexcept;

/// True where an If-None-Match header names the entity tag, or is "*".
bool names_entity(std::string_view header, std::string_view entity_tag) noexcept;

}  // namespace stayler::http
