// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace stayler::adapters {

/// Fetches pictures from elsewhere. Safe from any thread; calls do not block.
class image_source {
 public:
  using completion = std::function<void(result<encoded_image>)>;

  virtual ~image_source() = default;

  /// Fetches the picture at that URL; `done` runs exactly once, on any thread, and must not block.
  /// invalid_input (not an allowed URL, too large, not a picture), permission (refused there, or
  /// an address that is forbidden), not_found, unavailable, timeout, connection.
  virtual void fetch(const std::string& url, completion done) = 0;
};

}  // namespace stayler::adapters
