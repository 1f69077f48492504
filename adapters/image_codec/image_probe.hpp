// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// The format, width and height that the magic bytes and the header tell. Decodes nothing, so that
/// limits can be checked before a pixel is allocated. Reads JPEG, PNG and WebP; anything else, and
/// a header that is cut off, is invalid_input with what was found and what is allowed.
result<image_info> read_image_info(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
