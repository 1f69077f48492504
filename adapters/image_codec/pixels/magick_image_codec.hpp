// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/codec_limits.hpp"
#include "adapters/image_codec/image_codec.hpp"

#include <memory>

namespace stayler::adapters {

/// A codec on ImageMagick's C++ interface, with its own resource limits set and one thread a call.
/// The first call of a process initializes the library: make the codec before starting threads.
std::unique_ptr<image_codec> make_magick_image_codec(const codec_limits& limits);

}  // namespace stayler::adapters
