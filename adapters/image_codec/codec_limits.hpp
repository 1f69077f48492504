// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace stayler::adapters {

/// What a codec refuses to decode, and how it encodes.
struct codec_limits {
  std::uint64_t max_bytes = 20ULL * 1024 * 1024;
  std::uint64_t max_pixels = 50'000'000;
  std::uint32_t max_side = 16'000;
  std::uint32_t provider_side = 2'048;  ///< longer side of what is sent to the provider
  std::uint32_t thumbnail_side = 512;
  /// Shorter side of a provider's picture, at least: the smallest that the models draw has 384.
  std::uint32_t result_side = 256;
  std::uint32_t jpeg_quality = 88;
  std::uint32_t webp_quality = 84;
};

}  // namespace stayler::adapters
