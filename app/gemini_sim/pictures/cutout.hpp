// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stayler::sim {

/// Pixels as four bytes each: red, green, blue, alpha, row by row.
struct raster {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> rgba;
};

/// A part of a raster.
struct area {
  std::size_t left = 0;
  std::size_t top = 0;
  std::size_t width = 0;
  std::size_t height = 0;
  friend bool operator==(const area&, const area&) = default;
};

/// Makes the background transparent: whatever is reachable from a corner through pixels that are
/// within `tolerance` (0 to 255, per channel) of that corner's colour. Returns the smallest area
/// that holds all that is left; the whole raster where nothing is.
area cut_out(raster& picture, int tolerance);

}  // namespace stayler::sim
