// SPDX-License-Identifier: MIT
#include "messages/provider/result_cache.hpp"

#include "messages/base/text.hpp"

namespace stayler {

std::string to_string(const content_hash& hash) {
  return to_hex(hash.bytes);
}

std::optional<content_hash> parse_content_hash(std::string_view text) noexcept {
  content_hash hash;
  // In lower case only, so that one hash has one text.
  const bool is_hash = consists_of(text, hex_digits) && parse_hex(text, hash.bytes);
  return is_hash ? std::optional{hash} : std::nullopt;
}

}  // namespace stayler
