// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace stayler::adapters {

/// Keeps image bytes by key. A key is one or more parts of [A-Za-z0-9._-], none of them "." or
/// "..", joined by "/", at most 512 characters, each part at most 255; others are refused with
/// invalid_input. Calls block, and may come from several threads; those of a store behind a network
/// end in bounded time, whatever the network does.
///
/// Each call may fail with unavailable: where the store cannot be reached, has no room, or refuses
/// the service's key, clock or rights. Jobs are tried again then, and a picture that was made
/// waits: whatever is wrong with a store is no job's fault, and will be mended.
class blob_store {
 public:
  virtual ~blob_store() = default;

  /// Durable on return; replaces what the key held, never leaving a partial blob. No bytes (null)
  /// are refused with invalid_input.
  virtual void_result put(const std::string& key, const shared_bytes& bytes) = 0;

  /// not_found where the key holds nothing.
  virtual result<shared_bytes> get(const std::string& key) = 0;

  /// So many bytes from that place on, fewer where the blob ends, with the size of the whole and
  /// its version: the same for all its parts, and another one once the blob has been replaced (an
  /// ETag, say). not_found where the key holds nothing.
  virtual result<blob_part> get_part(
      const std::string& key, std::uint64_t offset, std::uint64_t count
  ) = 0;

  /// Puts where the key still holds the blob of that version (blob_part::version). False where it
  /// does not: nothing has changed then.
  virtual result<bool> replace(
      const std::string& key, const shared_bytes& bytes, const std::string& version
  ) = 0;

  /// Calls `each` with every key that holds something, in no certain order, until it returns false.
  /// What comes or goes meanwhile may be met or not; a key may be met twice.
  virtual void_result visit(const std::function<bool(const std::string& key)>& each) = 0;

  /// The key holds nothing afterwards; it need not have held anything.
  virtual void_result remove(const std::string& key) = 0;

  /// Writes, reads and removes a small blob.
  virtual void_result probe() = 0;
};

}  // namespace stayler::adapters
