// SPDX-License-Identifier: MIT
#include "adapters/user_tags/user_tags.hpp"

#include "adapters/checksum/checksum.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

namespace {

constexpr std::size_t digits = 32;

}  // namespace

// The key signs other things as well.
user_tags::user_tags(std::string_view key) : key_(hmac_sha256(key, "user tags")) {}

std::string user_tags::of(std::string_view user) const {
  const std::string code = hmac_sha256(key_, user);
  return "user-" + sha256_hex(std::as_bytes(std::span{code})).substr(0, digits);
}

}  // namespace stayler::adapters
