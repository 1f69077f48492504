// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// One of the provider's API keys, and what it is called where the key itself must not be known.
struct provider_key {
  std::string id;
  std::string text;
};

/// A fingerprint of the key, 16 hex digits: the same on every node that has the key.
std::string key_id_of(std::string_view key);

/// The keys of a list with commas or blanks between them, in its order.
std::vector<provider_key> parse_provider_keys(std::string_view list);

}  // namespace stayler::adapters
