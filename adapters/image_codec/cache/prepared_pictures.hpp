// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/checksum/checksum.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace stayler::adapters {

/// The pictures that were prepared last, by the hash of what they were made of: `max_bytes` of
/// them, and the least recently used go first. Safe from any thread.
class prepared_pictures {
 public:
  explicit prepared_pictures(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// A use, if it is there.
  std::optional<prepared_image> find(const sha256_digest& source);

  /// One that is larger than all the room is not kept.
  void keep(const sha256_digest& source, prepared_image picture);

 private:
  struct entry {
    sha256_digest source;
    prepared_image picture;
  };

  /// Any bytes of a hash are a hash.
  struct first_bytes {
    std::size_t operator()(const sha256_digest& digest) const noexcept {
      std::size_t bytes = 0;
      std::memcpy(&bytes, digest.data(), sizeof bytes);
      return bytes;
    }
  };

  const std::size_t max_bytes_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<entry> entries_;  ///< the last used one first
  std::unordered_map<sha256_digest, std::list<entry>::iterator, first_bytes> by_source_;
};

}  // namespace stayler::adapters
