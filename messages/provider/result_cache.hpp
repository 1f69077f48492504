// SPDX-License-Identifier: MIT
#pragma once

#include "messages/images/image.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stayler {

/// A SHA-256: what names a thing by its content.
struct content_hash {
  std::array<std::uint8_t, 32> bytes{};

  friend auto operator<=>(const content_hash&, const content_hash&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, content_hash& x) {
  return f(x.bytes);
}

/// 64 lower-case hex digits.
std::string to_string(const content_hash& hash);

/// The hash that the text spells as to_string() does, or nothing.
std::optional<content_hash> parse_content_hash(std::string_view text) noexcept;

/// A picture that the provider has made, as far as it can serve another job. Local to a process.
struct cached_result {
  shared_bytes image;
  std::string mime_type;  ///< as the provider said
  std::string model_version;
  std::string user_id;  ///< whose job it was made for; it is erased with that user's data
};

/// What the result cache found. Local to a process.
struct cache_lookup {
  bool is_hit = false;
  cached_result result;  ///< empty unless it is a hit
};

/// The result cache's own account.
struct cache_status {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hits = 0;    ///< since the actor's start
  std::uint64_t misses = 0;  ///< since the actor's start

  friend bool operator==(const cache_status&, const cache_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cache_status& x) {
  return f(x.entries, x.bytes, x.hits, x.misses);
}

}  // namespace stayler
