// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/raster.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_segments.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// The pixels as stored, not upright and in their own colours: RGB, or CMYK. All of the picture has
/// to be there, whatever the scale: libjpeg fills up what is missing with grey, and tells only by
/// its warnings. Warnings that lose no pixel are passed over, as viewers do. invalid_input.
/// `layout` is that of the same bytes; for `eighths`, see eighths.hpp.
result<raster> decode_jpeg(
    std::span<const std::byte> bytes, const jpeg_layout& layout, unsigned eighths
);

}  // namespace stayler::adapters
