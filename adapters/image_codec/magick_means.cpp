// SPDX-License-Identifier: MIT
#include "adapters/image_codec/magick_means.hpp"

#include <Magick++.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
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

void add(colour& sum, const colour& other, double part) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] += part * other[i];
  }
}

colour opaque_colour(const Magick::PixelPacket& pixel) {
  return {
      static_cast<double>(pixel.red), static_cast<double>(pixel.green),
      static_cast<double>(pixel.blue)};
}

colour colour_on_white(const Magick::PixelPacket& pixel) {
  const double white = pixel.opacity;
  const double part = 1.0 - white / QuantumRange;
  colour mixed{white, white, white};
  add(mixed, opaque_colour(pixel), part);
  return mixed;
}

template <class ColourOf>
colour sum_of(const Magick::PixelPacket* row, const coverage& cell, ColourOf colour_of) {
  colour sum{};
  for (std::size_t x = cell.first + 1; x < cell.last; ++x) {
    add(sum, colour_of(row[x]), 1.0);
  }
  add(sum, colour_of(row[cell.first]), cell.of_first);
  if (cell.last > cell.first) {
    add(sum, colour_of(row[cell.last]), cell.of_last);
  }
  return sum;
}

template <class ColourOf>
std::vector<colour> sums_of(
    const Magick::Image& image,
    const std::vector<coverage>& columns,
    const std::vector<coverage>& rows,
    ColourOf colour_of
) {
  std::vector<colour> sums;
  for (const coverage& band : rows) {
    const std::size_t height = band.last - band.first + 1;
    const Magick::PixelPacket* pixels =
        image.getConstPixels(0, static_cast<::ssize_t>(band.first), image.columns(), height);
    std::vector<colour> cells(columns.size());
    for (std::size_t y = 0; y < height; ++y) {
      const double part = band.part_of(band.first + y);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        add(cells[i], sum_of(pixels + y * image.columns(), columns[i], colour_of), part);
      }
    }
    sums.insert(sums.end(), cells.begin(), cells.end());
  }
  return sums;
}

}  // namespace

Magick::Image means_of(const Magick::Image& image, std::size_t side) {
  const auto columns = divide(image.columns(), side);
  const auto rows = divide(image.rows(), side);
  const auto sums = image.matte() ? sums_of(image, columns, rows, colour_on_white)
                                  : sums_of(image, columns, rows, opaque_colour);
  const double area =
      static_cast<double>(image.columns() * image.rows()) / static_cast<double>(side * side);

  Magick::Image means = image;
  Magick::Geometry size{side, side};
  size.aspect(true);
  means.sample(size);
  means.classType(Magick::DirectClass);
  means.matte(false);
  means.modifyImage();
  const std::span pixels{means.getPixels(0, 0, side, side), side * side};
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto level = [&](std::size_t channel) {
      return static_cast<Quantum>(std::lround(sums[i][channel] / area));
    };
    pixels[i].red = level(0);
    pixels[i].green = level(1);
    pixels[i].blue = level(2);
    pixels[i].opacity = OpaqueOpacity;
  }
  means.syncPixels();
  return means;
}

}  // namespace stayler::adapters
