// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/colour.hpp"
#include "adapters/image_codec/pixels/raster/raster.hpp"

namespace stayler::adapters {

/// Pixels as a file holds them: perhaps not upright, in the file's own colours.
struct decoded_picture {
  raster pixels;
  colour_meaning colours;
};

}  // namespace stayler::adapters
