// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/jpeg/eighths.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

std::size_t longer_side(extent size) noexcept {
  return std::max(size.width, size.height);
}

}  // namespace

extent scaled_to_eighths(extent size, unsigned eighths) noexcept {
  const auto scaled = [eighths](std::size_t side) {
    return (side * eighths + all_eighths - 1) / all_eighths;
  };
  return {scaled(size.width), scaled(size.height)};
}

unsigned eighths_within(extent size, std::size_t side) noexcept {
  unsigned eighths = all_eighths;
  while (eighths > 1 && longer_side(scaled_to_eighths(size, eighths)) > side) {
    --eighths;
  }
  const bool is_little = longer_side(scaled_to_eighths(size, eighths)) * 12 < side * 7;
  return is_little && eighths < all_eighths ? eighths + 1 : eighths;
}

unsigned eighths_covering(extent size, extent needed) noexcept {
  unsigned eighths = 1;
  for (; eighths < all_eighths; ++eighths) {
    const extent scaled = scaled_to_eighths(size, eighths);
    if (scaled.width >= needed.width && scaled.height >= needed.height) {
      break;
    }
  }
  return eighths;
}

unsigned eighths_with_pixels(extent size, std::uint64_t most) noexcept {
  unsigned eighths = all_eighths;
  for (; eighths > 1; --eighths) {
    const extent scaled = scaled_to_eighths(size, eighths);
    if (std::uint64_t{scaled.width} * scaled.height <= most) {
      break;
    }
  }
  return eighths;
}

}  // namespace stayler::adapters
