// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/raster.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stayler::adapters {

/// A picture of RGB as a JPEG, its colours at half the resolution in each direction. It is not
/// progressive: that would take six times as long to save a fourteenth of the bytes. A side above
/// 65,500 is invalid_input.
result<std::vector<std::byte>> encode_jpeg(const raster& picture, std::uint32_t quality);

}  // namespace stayler::adapters
