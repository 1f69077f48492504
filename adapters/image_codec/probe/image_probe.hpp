// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/orientation.hpp"
#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// What the header of a picture tells.
struct image_header {
  image_info info;  ///< sides as stored, before the picture is turned upright
  orientation lies = orientation::upright;
  bool is_progressive = false;  ///< a progressive JPEG or an interlaced PNG: costs more to decode
};

/// The format by its magic bytes, and the header. Decodes nothing, so that limits can be checked
/// before a pixel is allocated. Anything that is not read here, and a header that is cut off or
/// asks for a decoder that there is none of, is invalid_input with what was found and what is
/// allowed.
result<image_header> read_image_header(std::span<const std::byte> bytes);

/// The format and the sides alone.
result<image_info> read_image_info(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
