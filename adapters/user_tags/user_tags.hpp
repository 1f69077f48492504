// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace stayler::adapters {

/// What stands for users where their ids must not: the same tag for the same user, by which nobody
/// who has not the key can tell whose it is, or whether it is that of a user they have in mind.
class user_tags {
 public:
  explicit user_tags(std::string_view key);

  /// "user-" and 32 hex digits.
  [[nodiscard]] std::string of(std::string_view user) const;

 private:
  std::string key_;
};

}  // namespace stayler::adapters
