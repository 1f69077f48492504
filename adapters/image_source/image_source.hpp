// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_source/image_url.hpp"
#include "messages/images/image.hpp"
#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
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

struct image_source_options {
  image_url_rules rules;
  std::uint64_t max_bytes = 20ULL * 1024 * 1024;
  milliseconds timeout{20'000};  ///< for all of it, redirects included
  milliseconds connect_timeout{5'000};
  std::uint32_t max_redirects = 3;
};

/// Fetches by HTTP(S), and checks every address when it is connected to. Destruction ends what is
/// under way with `unavailable`.
std::unique_ptr<image_source> make_web_image_source(image_source_options options);

}  // namespace stayler::adapters
