// SPDX-License-Identifier: MIT
#include "adapters/encryption/encryption_keys.hpp"

#include "adapters/base64/base64.hpp"
#include "messages/base/random.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::size_t longest_id = 16;
constexpr std::string_view plain_word = "plain";
constexpr std::string_view blanks = " \t\r\n";

failure unusable(std::size_t entry, std::string_view why) {
  return {
      error_class::invalid_input,
      "entry " + std::to_string(entry) + " of the list is malformed: " + std::string{why}};
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_id && is_alphanumeric(text, ".-_")
         && text != plain_word;
}

result<encryption_key> parse_key(std::string_view text, std::size_t entry) {
  const std::string_view id = take_until(text, ":");
  if (!is_id(id)) {
    return unusable(entry, "its ID must be 1 to 16 letters, digits, dots, dashes or underscores");
  }
  const auto bytes = base64_decode(text);
  encryption_key key{std::string{id}};
  if (!bytes || bytes->size() != key.bytes.size()) {
    return unusable(entry, "its KEY must be 32 bytes in base64");
  }
  std::ranges::copy(*bytes, key.bytes.begin());
  return key;
}

}  // namespace

result<encryption_keys> encryption_keys::parse(std::string_view text) {
  encryption_keys all;
  text = trim(text, blanks);
  for (std::size_t entry = 1; !text.empty(); ++entry) {
    const std::string_view item = trim(take_until(text, ",\n"), blanks);
    text = trim(text, blanks);
    if (item == plain_word && text.empty() && all.are_set()) {
      all.takes_plain_ = true;
      return all;
    }
    auto key = parse_key(item, entry);
    if (!key) {
      return std::move(key).error();
    }
    if (all.find(key->id) != nullptr) {
      return unusable(entry, "its ID stands there twice");
    }
    all.keys_.push_back(std::move(*key));
  }
  return all;
}

const encryption_key* encryption_keys::find(std::string_view id) const noexcept {
  const auto found = std::ranges::find(keys_, id, &encryption_key::id);
  return found == keys_.end() ? nullptr : &*found;
}

result<std::string> make_encryption_key(std::string_view id) {
  if (!is_id(id)) {
    return failure{
        error_class::invalid_input,
        "the id \"" + std::string{id}
            + "\" is not allowed; use 1 to 16 letters, digits, dots, dashes or underscores"};
  }
  std::array<std::byte, 32> bytes{};
  if (!fill_random(bytes)) {
    return failure{error_class::internal_bug, "the system has no random bytes"};
  }
  std::string text(base64_size(bytes.size()), '\0');
  base64_encode_at(bytes, 0, text);
  return std::string{id} + ":" + text;
}

}  // namespace stayler::adapters
