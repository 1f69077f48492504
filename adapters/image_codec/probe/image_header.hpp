// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/orientation.hpp"
#include "messages/images/image.hpp"

#include <cstdint>

namespace stayler::adapters {

/// What the header of a picture tells.
struct image_header {
  /// Sides as stored, before the picture is turned upright; of HEIF, which turns by its own
  /// properties, those of the picture that its decoder gives. Of an animation, its canvas.
  image_info info;
  orientation lies = orientation::upright;
  bool is_progressive = false;  ///< a progressive JPEG or an interlaced PNG: costs more to decode
  bool is_animated = false;     ///< the first frame is the picture
  /// Pixels that a decoder of the whole picture goes over: those of the picture, or of all tiles.
  std::uint64_t coded_pixels = 0;
};

/// A header with these sides, lying as told, whose coded pixels are those of the picture.
inline image_header header_of(
    image_format format,
    std::uint32_t width,
    std::uint32_t height,
    orientation lies = orientation::upright
) {
  return {{format, width, height}, lies, false, false, std::uint64_t{width} * height};
}

}  // namespace stayler::adapters
