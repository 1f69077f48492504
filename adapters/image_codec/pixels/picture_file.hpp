// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/codec_limits.hpp"
#include "adapters/image_codec/pixels/decoded_picture.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_metadata.hpp"
#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace stayler::adapters {

/// A picture file that has been examined: what it tells about itself, and the ways to decode it.
/// Pixels come upright and in sRGB, and all of the picture has to be there, whatever part of its
/// pixels is wanted. Errors are invalid_input, but for want of room or of a decoder. The bytes are
/// the caller's.
class picture_file {
 public:
  static result<picture_file> open(std::span<const std::byte> bytes, const codec_limits& limits);

  [[nodiscard]] image_format format() const noexcept { return header_.info.format; }
  [[nodiscard]] bool is_upright() const noexcept { return header_.lies == orientation::upright; }

  /// The sides of the upright picture.
  [[nodiscard]] extent size() const noexcept;

  /// Whether the pixels are stored in sRGB. For JPEG, PNG and WebP.
  [[nodiscard]] bool is_srgb() const;

  /// Whether without_metadata shows the same picture, and holds no metadata for certain.
  [[nodiscard]] bool is_separable() const noexcept { return is_separable_; }

  /// All pixels; of a JPEG with more than max_pixels, no more than those.
  [[nodiscard]] result<raster> decode() const;

  /// No side shorter than that of `needed` where the picture is as large. A JPEG is decoded no
  /// larger than it has to be.
  [[nodiscard]] result<raster> decode_covering(extent needed) const;

  /// The longer side no longer than `side`, and no shorter than 7/12 of it where the picture is as
  /// large: scaled to eighths, which for a JPEG is wholly or in part done by decoding.
  [[nodiscard]] result<raster> decode_within(std::size_t side) const;

  /// The same picture without metadata, bit for bit in its pixels. Of separable files.
  [[nodiscard]] std::vector<std::byte> without_metadata(embedded_profile profile) const;

  /// The same JPEG turned upright, its samples untouched, without metadata but its profile. Nothing
  /// for other formats, and where that cannot be.
  [[nodiscard]] std::optional<std::vector<std::byte>> turned_losslessly() const;

 private:
  picture_file(
      std::span<const std::byte> bytes, const image_header& header, const codec_limits& limits
  )
      : bytes_(bytes), header_(header), limits_(limits) {}

  void_result look_into_jpeg();
  void_result look_into_png();
  void_result look_into_webp();

  [[nodiscard]] extent stored_size() const noexcept {
    return {header_.info.width, header_.info.height};
  }
  /// The eighths count for JPEG alone; other formats are decoded whole.
  [[nodiscard]] result<decoded_picture> decode_stored(unsigned eighths) const;
  [[nodiscard]] result<raster> decode_shown(unsigned eighths) const;
  [[nodiscard]] raster shown(decoded_picture picture) const;

  std::span<const std::byte> bytes_;
  image_header header_;
  codec_limits limits_;
  colour_meaning colours_;
  bool is_separable_ = false;
  std::optional<jpeg_layout> jpeg_;  ///< of a JPEG
  std::vector<std::byte> png_;       ///< of a PNG: the chunks that it needs
};

}  // namespace stayler::adapters
