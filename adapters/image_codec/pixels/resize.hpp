// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster.hpp"
#include "messages/images/image.hpp"

namespace stayler::adapters {

/// The picture scaled to exactly that extent: each pixel is the mean of what it covers, its parts
/// by their share (an area or box filter). What is see-through counts by its alpha. RGB and RGBA.
raster scaled(const raster& source, extent target);

/// The same, without work where the picture has that extent already.
raster resized(raster source, extent target);

/// The picture scaled so that no side is longer, never enlarged.
raster reduced(raster source, std::size_t longest_side);

/// What an upright picture in sRGB looks like from afar, on white.
image_signature signature_of(const raster& upright);

}  // namespace stayler::adapters
