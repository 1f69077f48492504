// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/decoded_picture.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// The pixels of a WebP file: RGB, or RGBA where it says that it has alpha. Of an animation, the
/// first frame on its canvas. invalid_input.
result<decoded_picture> decode_webp(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
