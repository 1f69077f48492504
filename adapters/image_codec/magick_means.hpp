// SPDX-License-Identifier: MIT
#pragma once

#include <Magick++.h>

#include <cstddef>

namespace stayler::adapters {

/// A picture of `side` x `side` pixels, each the mean of its part of the image, on white.
/// Everything but the pixels is the image's: colour space, profile, orientation. Not for CMYK. An
/// exact box filter that reads each pixel once: the library's own costs some ten times as much.
Magick::Image means_of(const Magick::Image& image, std::size_t side);

}  // namespace stayler::adapters
