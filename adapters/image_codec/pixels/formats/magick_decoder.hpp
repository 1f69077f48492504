// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/decoded_picture.hpp"
#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace stayler::adapters {

/// Prepares ImageMagick for this process: one thread, no files, no sides beyond `longest_side`.
/// Where the system's policy.xml is stricter, that stands. To be called before threads are started.
void initialize_magick(std::uint32_t longest_side);

/// The pixels of a GIF, BMP or TIFF file: of its first frame on the logical screen, of its first
/// page. invalid_input; unavailable where there is no room, or no such coder.
result<decoded_picture> decode_with_magick(
    std::span<const std::byte> bytes, const image_info& info
);

}  // namespace stayler::adapters
