// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// A key for what is stored, and the name by which what was encrypted with it tells.
struct encryption_key {
  std::string id;  ///< 1 to 16 letters, digits, dots, dashes or underscores
  std::array<std::byte, 32> bytes{};

  friend bool operator==(const encryption_key&, const encryption_key&) = default;
};

/// With what is encrypted, and what can be read.
class encryption_keys {
 public:
  /// No key: all is stored, and read, as it is.
  encryption_keys() = default;

  /// Reads "ID:KEY,ID:KEY,plain", each KEY 32 bytes in base64; instead of a comma there may be a
  /// line end, as in a file. What is written is encrypted with the first key; what was encrypted
  /// with any can be read. "plain", at the end, lets what is not encrypted be read, too. An empty
  /// text is no key. invalid_input, which never quotes a key.
  static result<encryption_keys> parse(std::string_view text);

  [[nodiscard]] bool are_set() const noexcept { return !keys_.empty(); }
  [[nodiscard]] bool take_plain() const noexcept { return keys_.empty() || takes_plain_; }

  /// The key to encrypt with. There must be one.
  [[nodiscard]] const encryption_key& current() const { return keys_.front(); }

  /// All of them, the current one first.
  [[nodiscard]] const std::vector<encryption_key>& all() const noexcept { return keys_; }

  /// Null where there is no key of that id.
  [[nodiscard]] const encryption_key* find(std::string_view id) const noexcept;

 private:
  std::vector<encryption_key> keys_;
  bool takes_plain_ = false;
};

/// A new key under that id, as encryption_keys::parse() takes it. invalid_input where the id cannot
/// be one; internal_bug where the system has no random bytes.
result<std::string> make_encryption_key(std::string_view id);

}  // namespace stayler::adapters
