// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace Magick {
class Image;
}

namespace stayler::adapters {

/// A picture of `side` x `side` pixels, each the mean of its part of the image, on white: an exact
/// box filter that reads each pixel once. Everything but the pixels is the image's: colour space,
/// profile, orientation. Not for CMYK.
Magick::Image means_of(Magick::Image image, std::size_t side);

}  // namespace stayler::adapters
