// SPDX-License-Identifier: MIT
#include "adapters/blob_store/blob_key.hpp"

#include <algorithm>
#include <string>

namespace stayler::adapters {

namespace {

constexpr std::size_t longest_key = 512;
constexpr std::size_t longest_part = 255;

bool is_allowed(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'
         || c == '_' || c == '-';
}

bool is_valid_part(std::string_view part) noexcept {
  return !part.empty() && part != "." && part != ".." && part.size() <= longest_part
         && std::all_of(part.begin(), part.end(), is_allowed);
}

bool is_valid_key(std::string_view key) noexcept {
  if (key.size() > longest_key) {
    return false;
  }
  for (;;) {
    const std::size_t slash = key.find('/');
    if (!is_valid_part(key.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    key.remove_prefix(slash + 1);
  }
}

/// The key as an error may show it: cut to a sane length, without control characters.
std::string printable(std::string_view key) {
  std::string text{key.substr(0, 64)};
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?'
  );
  return key.size() > text.size() ? text + "..." : text;
}

}  // namespace

void_result check_blob_key(std::string_view key) {
  if (is_valid_key(key)) {
    return ok();
  }
  return failure{
      error_class::invalid_input,
      "\"" + printable(key)
          + "\" is not a blob key; allowed: parts of 1 to 255 of [A-Za-z0-9._-], not \".\" or "
            "\"..\", joined by \"/\", at most 512 characters"
};
}

}  // namespace stayler::adapters
