// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/image_header.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_segments.hpp"
#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// The format by its first bytes, and the header. Decodes nothing, so that limits can be checked
/// before a pixel is allocated. Anything that is not read here, and a header that is cut off or
/// asks for a decoder that there is none of, is invalid_input with what was found and what is
/// allowed.
result<image_header> read_image_header(std::span<const std::byte> bytes);

/// The header of a JPEG whose segments have been walked over already.
image_header read_jpeg_header(std::span<const std::byte> bytes, const jpeg_layout& layout);

/// The format and the sides alone.
result<image_info> read_image_info(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
