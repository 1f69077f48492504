// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstdint>
#include <span>
#include <vector>

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

/// Decodes and encodes pictures. Calls block and use CPU; they may come from several threads. The
/// limits are checked before decoding. Errors are invalid_input unless said otherwise.
class image_codec {
 public:
  virtual ~image_codec() = default;

  /// All that can be found out without decoding: the header, checked against the limits, and that
  /// the data is not cut off.
  virtual result<image_info> examine(std::span<const std::byte> bytes) = 0;

  /// A picture fit for the provider: turned upright by its EXIF orientation, without metadata,
  /// converted to sRGB, no side above provider_side; JPEG, or PNG where it has transparency. Fails
  /// on truncated data rather than sending half a picture.
  virtual result<prepared_image> prepare(const shared_bytes& bytes) = 0;

  /// A provider's answer as it will be stored, in that format, with a thumbnail. no_image where the
  /// bytes do not decode, and where the picture is too small, a strip, one flat colour, or one of
  /// the inputs again, by their signatures.
  virtual result<finished_image> finish(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  ) = 0;

  /// The operations applied in order to the upright picture; the thumbnail is always made.
  virtual result<finished_image> transform(
      const shared_bytes& bytes, const std::vector<image_operation>& operations
  ) = 0;
};

}  // namespace stayler::adapters
