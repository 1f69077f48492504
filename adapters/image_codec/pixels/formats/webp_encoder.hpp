// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/raster.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stayler::adapters {

/// A picture of RGB or RGBA in sRGB as a lossy WebP of that quality. invalid_input for a side above
/// 16,383.
result<std::vector<std::byte>> encode_webp(const raster& picture, std::uint32_t quality);

}  // namespace stayler::adapters
