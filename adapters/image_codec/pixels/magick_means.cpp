// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/magick_means.hpp"

#include <Magick++.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace stayler::adapters {

namespace {

using colour = std::array<double, 3>;
using Magick::Quantum;  // the library's macros name it without its namespace

/// Which of a line's pixels one cell covers; those at its ends perhaps in part.
struct coverage {
  std::size_t first = 0;
  std::size_t last = 0;
  double of_first = 0;  ///< the covered part of the first pixel
  double of_last = 0;   ///< of the last, where that is another

  [[nodiscard]] double part_of(std::size_t pixel) const {
    return pixel == first ? of_first : pixel == last ? of_last : 1.0;
  }
};

std::vector<coverage> divide(std::size_t pixels, std::size_t cells) {
  std::vector<coverage> all;
  const double width = static_cast<double>(pixels) / static_cast<double>(cells);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const double from = width * static_cast<double>(cell);
    const double to = width * static_cast<double>(cell + 1);
    const auto first = static_cast<std::size_t>(from);
    // Rounding may put the last cell's end beyond the last pixel.
    const auto last = std::min(static_cast<std::size_t>(std::ceil(to)), pixels) - 1;
    all.push_back(
        {first, last, std::min(to, static_cast<double>(first + 1)) - from,
         to - static_cast<double>(last)}
    );
  }
  return all;
}

template <class Value>
void add(colour& sum, const std::array<Value, 3>& other, double part) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] += part * static_cast<double>(other[i]);
  }
}

using level = std::uint16_t;
using levels = std::array<std::uint64_t, 3>;
constexpr level highest = std::numeric_limits<level>::max();

/// Pixels as they are exported: `map` names what there is of each. `scale` is the levels' unit.
struct opaque_pixels {
  static constexpr const char* map = "RGB";
  static constexpr std::size_t channels = 3;
  static constexpr double scale = 1;

  static levels levels_of(const level* pixel) { return {pixel[0], pixel[1], pixel[2]}; }
};

struct pixels_on_white {
  static constexpr const char* map = "RGBA";
  static constexpr std::size_t channels = 4;
  static constexpr double scale = highest;

  static levels levels_of(const level* pixel) {
    const std::uint64_t alpha = pixel[3];
    const std::uint64_t white = (highest - alpha) * highest;
    return {white + alpha * pixel[0], white + alpha * pixel[1], white + alpha * pixel[2]};
  }
};

template <class Pixels>
colour sum_of(const level* row, const coverage& cell) {
  const auto levels_at = [row](std::size_t x) {
    return Pixels::levels_of(row + x * Pixels::channels);
  };
  levels whole{};
  for (std::size_t x = cell.first + 1; x < cell.last; ++x) {
    const auto [red, green, blue] = levels_at(x);
    whole[0] += red;
    whole[1] += green;
    whole[2] += blue;
  }
  colour sum{};
  add(sum, whole, 1.0);
  add(sum, levels_at(cell.first), cell.of_first);
  if (cell.last > cell.first) {
    add(sum, levels_at(cell.last), cell.of_last);
  }
  return sum;
}

/// Row by row, as a row stays in the processor's cache and the whole image would double its memory.
template <class Pixels>
std::vector<colour> sums_of(
    Magick::Image& image, const std::vector<coverage>& columns, const std::vector<coverage>& rows
) {
  std::vector<level> row(image.columns() * Pixels::channels);
  std::vector<colour> sums;
  for (const coverage& band : rows) {
    std::vector<colour> cells(columns.size());
    for (std::size_t y = band.first; y <= band.last; ++y) {
      image.write(
          0, static_cast<::ssize_t>(y), image.columns(), 1, Pixels::map, Magick::ShortPixel,
          row.data()
      );
      for (std::size_t i = 0; i < columns.size(); ++i) {
        add(cells[i], sum_of<Pixels>(row.data(), columns[i]), band.part_of(y) / Pixels::scale);
      }
    }
    sums.insert(sums.end(), cells.begin(), cells.end());
  }
  return sums;
}

}  // namespace

// ImageMagick 6 and 7 hold pixels in different ways; both export them, and set one by its colour.
Magick::Image means_of(Magick::Image image, std::size_t side) {
  const auto columns = divide(image.columns(), side);
  const auto rows = divide(image.rows(), side);
  const auto sums = image.isOpaque() ? sums_of<opaque_pixels>(image, columns, rows)
                                     : sums_of<pixels_on_white>(image, columns, rows);
  const double area =
      static_cast<double>(image.columns() * image.rows()) / static_cast<double>(side * side);
  const double total = area * highest;

  Magick::Geometry size{side, side};
  size.aspect(true);
  image.sample(size);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto mean = [&](std::size_t channel) {
      return static_cast<Quantum>(std::lround(sums[i][channel] * QuantumRange / total));
    };
    image.pixelColor(
        static_cast<::ssize_t>(i % side), static_cast<::ssize_t>(i / side),
        Magick::Color{mean(0), mean(1), mean(2)}
    );
  }
  return image;
}

}  // namespace stayler::adapters
