// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/orientation.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace stayler::adapters {

/// The JPEG turned upright without decoding its pixels: its blocks change places, and nothing is
/// lost. Upright ones are written anew, block for block. Markers are kept. Nothing where the sides
/// that would come first are not whole blocks, and where the file does not allow it otherwise.
std::optional<std::vector<std::byte>> turn_losslessly(
    std::span<const std::byte> jpeg, orientation lies
);

}  // namespace stayler::adapters
