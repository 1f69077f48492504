// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/resize.hpp"

#include "adapters/image_codec/image_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

/// Which of a line's pixels one pixel of the target covers; those at its ends perhaps in part. The
/// parts add up to 1.
struct coverage {
  std::size_t first = 0;
  std::size_t last = 0;
  float of_first = 0;   ///< the first pixel's part of the whole
  float of_last = 0;    ///< the last one's, where that is another
  float of_others = 0;  ///< that of each in between

  [[nodiscard]] float part_of(std::size_t pixel) const {
    return pixel == first ? of_first : pixel == last ? of_last : of_others;
  }
};

std::vector<coverage> divide(std::size_t pixels, std::size_t parts) {
  std::vector<coverage> all;
  all.reserve(parts);
  const double width = static_cast<double>(pixels) / static_cast<double>(parts);
  for (std::size_t part = 0; part < parts; ++part) {
    const double from = width * static_cast<double>(part);
    const double to = width * static_cast<double>(part + 1);
    const auto first = static_cast<std::size_t>(from);
    // Rounding may put the last part's end beyond the last pixel.
    const auto last = std::min(static_cast<std::size_t>(std::ceil(to)), pixels) - 1;
    const double in_first = std::min(to, static_cast<double>(first + 1)) - from;
    const double in_last = to - static_cast<double>(last);
    all.push_back(
        {first, last, static_cast<float>(in_first / width), static_cast<float>(in_last / width),
         static_cast<float>(1 / width)}
    );
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
    const std::vector<float>& sums, const std::vector<coverage>& columns, std::uint8_t* target
) {
  for (const coverage& column : columns) {
    std::array<float, Sums::channels> pixel{};
    for (std::size_t x = column.first; x <= column.last; ++x) {
      const float part = column.part_of(x);
      for (std::size_t i = 0; i < pixel.size(); ++i) {
        pixel[i] += part * sums[x * pixel.size() + i];
      }
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
    for (std::size_t from = bands[y].first; from <= bands[y].last; ++from) {
      Sums::add_row(sums, source.row(from), bands[y].part_of(from));
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

raster reduced(raster source, std::size_t longest_side) {
  const extent target = contain(source.size(), longest_side);
  return resized(std::move(source), target);
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
