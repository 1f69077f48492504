// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/image_header.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// Reads a GIF file up to its first frame. The sides are those of the logical screen, or of the
/// first frame where that is larger. invalid_input where the data of that frame is not whole.
result<image_header> read_gif(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
