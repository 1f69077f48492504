// SPDX-License-Identifier: MIT
#include "adapters/image_codec/image_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

namespace stayler::adapters {

namespace {

constexpr std::size_t cells_a_side = image_signature::side;
constexpr std::size_t region_side = 4;  ///< cells

/// A little over the models' longest pictures: their sizes are only about what was asked for.
constexpr std::uint32_t longest_ratio = 9;

/// Encoding one colour spreads it by less than 1, and a faint watermark in a corner by little more.
/// The sample pictures are at 44 and 62: even somebody in white before a white wall has a face.
constexpr double least_spread = 2.0;

/// JPEG at a quality of 15 moves no region of the sample pictures by more than 1.1, scaling them to
/// 256 pixels by 0.2. A shirt whose colour changes by a tenth of the scale moves its regions
/// by 3.5. When in doubt a picture passes: taking a good one for an input would cost a paid call.
constexpr double least_difference = 1.5;

failure useless(std::string why) {
  return {error_class::no_image, "the provider's picture " + std::move(why), {}};
}

std::uint8_t rounded_level(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

double spread_of(const image_signature& picture, std::size_t channel) noexcept {
  double sum = 0;
  double sum_of_squares = 0;
  for (const auto& cell : picture.cells) {
    const double value = cell[channel];
    sum += value;
    sum_of_squares += value * value;
  }
  const auto count = static_cast<double>(picture.cells.size());
  const double mean = sum / count;
  return std::sqrt(std::max(0.0, sum_of_squares / count - mean * mean));
}

}  // namespace

image_signature make_signature(std::span<const std::uint8_t, 3 * cells_a_side * cells_a_side> rgb) {
  image_signature made;
  for (std::size_t i = 0; i < made.cells.size(); ++i) {
    const double red = rgb[3 * i];
    const double green = rgb[3 * i + 1];
    const double blue = rgb[3 * i + 2];
    const double luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    made.cells[i] = {
        rounded_level(luma), rounded_level(128 + 0.564 * (blue - luma)),
        rounded_level(128 + 0.713 * (red - luma))};
  }
  return made;
}

double spread_of(const image_signature& picture) noexcept {
  return std::max({spread_of(picture, 0), spread_of(picture, 1), spread_of(picture, 2)});
}

double difference_of(const image_signature& one, const image_signature& other) noexcept {
  constexpr std::size_t regions = cells_a_side / region_side;
  std::array<int, regions * regions> sums{};
  for (std::size_t i = 0; i < one.cells.size(); ++i) {
    const std::size_t region =
        i / cells_a_side / region_side * regions + i % cells_a_side / region_side;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      sums[region] += std::abs(one.cells[i][channel] - other.cells[i][channel]);
    }
  }
  return std::ranges::max(sums) / static_cast<double>(3 * region_side * region_side);
}

void_result check_size(const image_info& info, std::uint32_t least_side) {
  const auto [shorter, longer] = std::minmax(info.width, info.height);
  const std::string size = std::to_string(info.width) + " x " + std::to_string(info.height);
  if (shorter < least_side) {
    return useless(
        "is too small: " + size + " pixels; expected: at least " + std::to_string(least_side)
        + " a side"
    );
  }
  if (longer / longest_ratio >= shorter) {
    return useless("is a strip of " + size + " pixels; expected: at most 1:8 or 8:1");
  }
  return ok();
}

void_result check_content(const image_signature& made, const std::vector<image_signature>& inputs) {
  if (spread_of(made) < least_spread) {
    return useless("is one flat colour");
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (difference_of(made, inputs[i]) < least_difference) {
      return useless("is input picture " + std::to_string(i + 1) + " again");
    }
  }
  return ok();
}

}  // namespace stayler::adapters
