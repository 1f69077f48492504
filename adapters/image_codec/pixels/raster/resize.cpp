// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/raster/resize.hpp"

#include "adapters/image_codec/image_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

/// How much each of a line's pixels counts for one pixel of the target, from `first` on. The
/// weights add up to 1.
struct taps {
  std::size_t first = 0;
  std::vector<float> weights;
};

/// Each pixel by the part of it that is covered (an area or box filter).
taps area_taps(double from, double to, std::size_t pixels) {
  const auto first = static_cast<std::size_t>(from);
  // Rounding may put the last part's end beyond the last pixel.
  const auto last = std::min(static_cast<std::size_t>(std::ceil(to)), pixels) - 1;
  taps made{first, {}};
  for (std::size_t pixel = first; pixel <= last; ++pixel) {
    const double covered =
        std::min(to, static_cast<double>(pixel + 1)) - std::max(from, static_cast<double>(pixel));
    made.weights.push_back(static_cast<float>(covered / (to - from)));
  }
  return made;
}

/// Catmull and Rom's spline: Keys' cubic with a = -1/2.
double cubic(double distance) {
  const double x = std::abs(distance);
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((2.5 - 0.5 * x) * x - 4) * x + 2 : 0.0;
}

taps cubic_taps(double from, double to, std::size_t pixels) {
  const double width = to - from;
  const double centre = (from + to - 1) / 2;
  const double reach = 2 * width;
  const auto first = static_cast<std::size_t>(std::max(0.0, std::ceil(centre - reach)));
  const auto last =
      std::min(static_cast<std::size_t>(std::max(0.0, std::floor(centre + reach))), pixels - 1);
  taps made{first, {}};
  double sum = 0;
  for (std::size_t pixel = first; pixel <= last; ++pixel) {
    const double weight = cubic((static_cast<double>(pixel) - centre) / width);
    made.weights.push_back(static_cast<float>(weight));
    sum += weight;
  }
  for (float& weight : made.weights) {
    weight = static_cast<float>(weight / sum);
  }
  return made;
}

/// From here on there is little that an area filter loses, and each pixel is read once.
constexpr double reduction_by_area = 3;

std::vector<taps> divide(std::size_t pixels, std::size_t parts) {
  std::vector<taps> all;
  all.reserve(parts);
  const double width = static_cast<double>(pixels) / static_cast<double>(parts);
  const bool is_cubic = width > 1 && width < reduction_by_area;
  for (std::size_t part = 0; part < parts; ++part) {
    const double from = width * static_cast<double>(part);
    const double to = width * static_cast<double>(part + 1);
    all.push_back(is_cubic ? cubic_taps(from, to, pixels) : area_taps(from, to, pixels));
  }
  return all;
}

std::uint8_t level_of(float value) {
  return static_cast<std::uint8_t>(std::clamp(value + 0.5F, 0.0F, 255.0F));
}

/// Pixels without alpha: sums are of levels.
struct opaque_sums {
  static constexpr std::size_t channels = 3;

  static void add_row(std::vector<float>& sums, std::span<const std::uint8_t> row, float part) {
    float* sum = sums.data();
    for (const std::uint8_t value : row) {
      *sum++ += part * static_cast<float>(value);
    }
  }

  static void write(const std::array<float, channels>& sum, std::uint8_t* pixel) {
    for (std::size_t i = 0; i < channels; ++i) {
      pixel[i] = level_of(sum[i]);
    }
  }
};

/// Pixels with alpha: sums of colours are of levels times alpha, so that the colour that a
/// see-through pixel happens to have counts for nothing.
struct alpha_sums {
  static constexpr std::size_t channels = 4;

  static void add_row(std::vector<float>& sums, std::span<const std::uint8_t> row, float part) {
    for (std::size_t i = 0; i < row.size(); i += channels) {
      const float alpha = part * static_cast<float>(row[i + 3]);
      sums[i] += alpha * static_cast<float>(row[i]);
      sums[i + 1] += alpha * static_cast<float>(row[i + 1]);
      sums[i + 2] += alpha * static_cast<float>(row[i + 2]);
      sums[i + 3] += alpha;
    }
  }

  static void write(const std::array<float, channels>& sum, std::uint8_t* pixel) {
    const float alpha = sum[3];
    for (std::size_t i = 0; i < 3; ++i) {
      pixel[i] = alpha > 0 ? level_of(sum[i] / alpha) : std::uint8_t{0};
    }
    pixel[3] = level_of(alpha);
  }
};

template <class Sums>
void write_row(
    const std::vector<float>& sums, const std::vector<taps>& columns, std::uint8_t* target
) {
  for (const taps& column : columns) {
    std::array<float, Sums::channels> pixel{};
    const float* from = sums.data() + column.first * pixel.size();
    for (const float weight : column.weights) {
      for (std::size_t i = 0; i < pixel.size(); ++i) {
        pixel[i] += weight * from[i];
      }
      from += pixel.size();
    }
    Sums::write(pixel, target);
    target += pixel.size();
  }
}

/// Rows first, as whole rows are added up fastest; one row of sums is all the memory it needs.
template <class Sums>
void scale(const raster& source, raster& target) {
  const auto columns = divide(source.size().width, target.size().width);
  const auto bands = divide(source.size().height, target.size().height);
  std::vector<float> sums(source.size().width * Sums::channels);
  for (std::size_t y = 0; y < bands.size(); ++y) {
    std::ranges::fill(sums, 0.0F);
    for (std::size_t i = 0; i < bands[y].weights.size(); ++i) {
      Sums::add_row(sums, source.row(bands[y].first + i), bands[y].weights[i]);
    }
    write_row<Sums>(sums, columns, target.row(y).data());
  }
}

}  // namespace

raster scaled(const raster& source, extent target) {
  raster made{target, source.kind()};
  if (source.kind() == pixel_kind::rgba) {
    scale<alpha_sums>(source, made);
  } else {
    scale<opaque_sums>(source, made);
  }
  return made;
}

raster resized(raster source, extent target) {
  return target == source.size() ? std::move(source) : scaled(source, target);
}

image_signature signature_of(const raster& upright) {
  constexpr std::size_t side = image_signature::side;
  raster means = scaled(upright, {side, side});
  if (means.kind() == pixel_kind::rgba) {
    means = on_white(means);
  }
  return make_signature(std::as_const(means).bytes().first<3 * side * side>());
}

}  // namespace stayler::adapters
