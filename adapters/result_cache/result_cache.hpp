// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/provider/result_cache.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace stayler::adapters {

/// What bounds a cache.
struct result_cache_limits {
  std::uint64_t max_bytes = 0;  ///< 0: nothing is kept
  milliseconds max_age{0};      ///< since an entry was stored, however often it was used
};

/// How full a cache is.
struct result_cache_usage {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

/// Keeps pictures by what they were made from. Losing one costs a call to the provider and nothing
/// else, so that nothing here is durable. Calls block; they may come from any thread, one at a time
/// is served.
class result_cache {
 public:
  virtual ~result_cache() = default;

  /// The entry, if there is one that is whole and not too old; it counts as used. unavailable.
  virtual result<std::optional<cached_result>> find(const content_hash& key) = 0;

  /// Replaces what the key held; the least recently used others make room. What is larger than the
  /// whole cache is not kept, and that is no error. invalid_input (no bytes), unavailable.
  virtual void_result store(const content_hash& key, const cached_result& entry) = 0;

  /// Removes what is too old or beyond the bound. unavailable where something could not be removed.
  virtual void_result purge() = 0;

  /// Removes what was made for that user's jobs; how many entries that were. unavailable where
  /// something could not be removed.
  virtual result<std::uint64_t> erase_user(std::string_view user_id) = 0;

  /// The limits from now on; what is beyond them goes with the next purge.
  virtual void limit(const result_cache_limits& limits) = 0;

  [[nodiscard]] virtual result_cache_usage usage() const = 0;
};

}  // namespace stayler::adapters
