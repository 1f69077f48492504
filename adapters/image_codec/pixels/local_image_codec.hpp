// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/codec_limits.hpp"
#include "adapters/image_codec/image_codec.hpp"

#include <memory>

namespace stayler::adapters {

/// A codec in this process, on libjpeg-turbo, libpng, libwebp and libheif, and on ImageMagick for
/// what is rare. A hostile picture may bring the process down: see process/ for one that is safe.
/// To be made before threads are started. Calls may come from several threads.
std::unique_ptr<image_codec> make_local_image_codec(const codec_limits& limits);

}  // namespace stayler::adapters
