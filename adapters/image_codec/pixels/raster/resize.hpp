// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/raster.hpp"
#include "messages/images/image.hpp"

namespace stayler::adapters {

/// The picture scaled to exactly that extent: by Catmull and Rom's spline where a side shrinks to
/// more than a third, else each pixel is the mean of what it covers. What is see-through counts by
/// its alpha. RGB and RGBA.
raster scaled(const raster& source, extent target);

/// The same, without work where the picture has that extent already.
raster resized(raster source, extent target);

/// What an upright picture in sRGB looks like from afar, on white.
image_signature signature_of(const raster& upright);

}  // namespace stayler::adapters
