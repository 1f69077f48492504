// SPDX-License-Identifier: MIT
#include "adapters/gemini/provider_keys.hpp"

#include "adapters/checksum/checksum.hpp"

#include <algorithm>
#include <span>

namespace stayler::adapters {

std::string key_id_of(std::string_view key) {
  return sha256_hex(std::as_bytes(std::span{key})).substr(0, 16);
}

std::vector<provider_key> parse_provider_keys(std::string_view list) {
  constexpr std::string_view separators = ", \t\r\n";
  std::vector<provider_key> keys;
  for (std::size_t begin = list.find_first_not_of(separators); begin != std::string_view::npos;) {
    const std::size_t end = std::min(list.find_first_of(separators, begin), list.size());
    const std::string_view text = list.substr(begin, end - begin);
    keys.push_back({key_id_of(text), std::string{text}});
    begin = list.find_first_not_of(separators, end);
  }
  return keys;
}

}  // namespace stayler::adapters
