// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/image_geometry.hpp"

#include <cstdint>

namespace stayler::adapters {

/// How much smaller a picture is sent: to so many eighths of each side, rounded up. A JPEG's
/// decoder makes fewer samples of each block then, which takes no time. Other formats are scaled to
/// the same sides, so that all look alike.
inline constexpr unsigned all_eighths = 8;

/// With how many eighths a JPEG is decoded that is to have so many: three are farther from the
/// original than half of it, resized; the others are not (bench/photos/looks).
constexpr unsigned eighths_to_decode(unsigned eighths) noexcept {
  return eighths == 3 ? 4 : eighths;
}

/// The sides of the scaled picture.
extent scaled_to_eighths(extent size, unsigned eighths) noexcept;

/// The most eighths with which the longer side is no longer than `side`; one more where that would
/// leave less than 7/12 of it; at least one. The picture may have to be reduced afterwards.
unsigned eighths_within(extent size, std::size_t side) noexcept;

/// The fewest eighths with which no side is shorter than that of `needed`; all where none do.
unsigned eighths_covering(extent size, extent needed) noexcept;

/// The most eighths that leave no more than so many pixels; at least one.
unsigned eighths_with_pixels(extent size, std::uint64_t most) noexcept;

}  // namespace stayler::adapters
