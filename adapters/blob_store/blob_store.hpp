// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <string>

namespace stayler::adapters {

/// Keeps image bytes by key. A key is one or more parts of [A-Za-z0-9._-], none of them "." or
/// "..", joined by "/", at most 512 characters; others are refused with invalid_input. Calls
/// block, and may come from several threads.
class blob_store {
 public:
  virtual ~blob_store() = default;

  /// Durable on return; replaces what the key held, never leaving a partial blob. unavailable.
  virtual void_result put(const std::string& key, const shared_bytes& bytes) = 0;

  /// not_found, unavailable.
  virtual result<shared_bytes> get(const std::string& key) = 0;

  /// The key holds nothing afterwards; it need not have held anything. unavailable.
  virtual void_result remove(const std::string& key) = 0;

  /// Writes, reads and removes a small blob. unavailable.
  virtual void_result probe() = 0;
};

}  // namespace stayler::adapters
