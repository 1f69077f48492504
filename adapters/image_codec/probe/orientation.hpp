// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace stayler::adapters {

/// How a picture as stored lies, in EXIF's numbers: where its first row and first column belong.
enum class orientation : std::uint8_t {
  upright = 1,
  mirrored = 2,       ///< left and right are exchanged
  upside_down = 3,    ///< turned by half
  mirrored_down = 4,  ///< top and bottom are exchanged
  transposed = 5,     ///< rows are columns
  turned_left = 6,    ///< to be turned clockwise by a quarter
  transversed = 7,    ///< rows are columns, from the other corner
  turned_right = 8,   ///< to be turned counterclockwise by a quarter
};

/// True where width and height change places when the picture is turned upright.
constexpr bool swaps_sides(orientation value) noexcept {
  return value >= orientation::transposed;
}

}  // namespace stayler::adapters
