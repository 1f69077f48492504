// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/process/wire/codec_wire.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// The answer's text, as far as it is printable: "?" for all else.
inline std::string text_of(const codec_answer& answer) {
  const std::size_t length = std::min<std::size_t>(answer.text_bytes, answer.text.size());
  std::string text{answer.text.data(), length};
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?'
  );
  return text;
}

/// Writes as much of the text into the answer as there is room for.
inline void set_text(codec_answer& answer, std::string_view text) {
  answer.text_bytes = static_cast<std::uint32_t>(text.copy(answer.text.data(), answer.text.size()));
}

}  // namespace stayler::adapters
