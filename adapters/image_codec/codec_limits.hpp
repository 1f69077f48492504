// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace stayler::adapters {

/// What a codec refuses to decode, and how it encodes.
struct codec_limits {
  std::uint64_t max_bytes = 20ULL * 1024 * 1024;

  /// Longer side. 200-megapixel phones are at 16,320.
  std::uint32_t max_side = 20'000;

  /// Pixels that a JPEG may declare. It is scaled while it is decoded, so that they cost time in
  /// its entropy coding alone: 30 ms a 12 megapixels.
  std::uint64_t max_jpeg_pixels = 220'000'000;

  /// Pixels of all other formats, which are decoded whole: 4 to 8 bytes each. An interlaced PNG
  /// counts twice, the tiles of a HEIF file count one by one.
  std::uint64_t max_pixels = 64'000'000;

  /// Pixels of GIF, BMP and TIFF, too: a small file tells many of them.
  std::uint64_t max_plain_pixels = 50'000'000;

  /// Memory for the coefficients of a JPEG of many scans, which are all held until the last one:
  /// about 3 bytes a pixel at 4:2:0, 6 at 4:4:4, whatever it is scaled to.
  std::uint64_t max_coefficient_bytes = 384'000'000;

  /// Coefficients that the scans of a JPEG go over, all together. Ten scans of the largest
  /// progressive picture need this.
  std::uint64_t max_scanned_coefficients = 2'000'000'000;

  /// Longer side of what is sent to the provider, at most. Photographs of 12 to 64 megapixels come
  /// out at 2,000 to 2,330 when they are scaled by an eighth, a quarter or a half.
  std::uint32_t provider_side = 2'400;

  std::uint32_t thumbnail_side = 512;

  /// Shorter side of a provider's picture, at least: the smallest that the models draw has 384.
  std::uint32_t result_side = 256;

  std::uint32_t jpeg_quality = 88;
  std::uint32_t webp_quality = 84;
};

}  // namespace stayler::adapters
