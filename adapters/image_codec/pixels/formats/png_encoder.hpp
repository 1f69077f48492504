// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/raster.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <vector>

namespace stayler::adapters {

/// A picture of RGB or RGBA in sRGB as a PNG.
result<std::vector<std::byte>> encode_png(const raster& picture);

}  // namespace stayler::adapters
