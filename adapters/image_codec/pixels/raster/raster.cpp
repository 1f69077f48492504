// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/raster/raster.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace stayler::adapters {

namespace {

/// Pixels on a side of the squares in which a picture is turned, so that the rows that are read and
/// those that are written stay in the cache.
constexpr std::size_t turning_tile = 32;

/// Where the upright picture's first pixel is in the source, and how far it is to the next one to
/// the right and to the one below, in bytes.
struct turning_path {
  std::ptrdiff_t origin = 0;
  std::ptrdiff_t right = 0;
  std::ptrdiff_t down = 0;
};

turning_path path_of(const raster& source, orientation lies) {
  const auto pixel = static_cast<std::ptrdiff_t>(source.channels());
  const auto row = static_cast<std::ptrdiff_t>(source.row_bytes());
  const auto last_pixel = row - pixel;
  const auto last_row = row * (static_cast<std::ptrdiff_t>(source.size().height) - 1);
  switch (lies) {
    case orientation::mirrored:
      return {last_pixel, -pixel, row};
    case orientation::upside_down:
      return {last_row + last_pixel, -pixel, -row};
    case orientation::mirrored_down:
      return {last_row, pixel, -row};
    case orientation::transposed:
      return {0, row, pixel};
    case orientation::turned_left:
      return {last_row, -row, pixel};
    case orientation::transversed:
      return {last_row + last_pixel, -row, -pixel};
    case orientation::turned_right:
      return {last_pixel, row, -pixel};
    case orientation::upright:
      break;
  }
  return {0, pixel, row};
}

template <std::size_t Channels>
void turn_tile(
    const std::uint8_t* source, const turning_path& path, raster& target, extent begin, extent end
) {
  for (std::size_t y = begin.height; y < end.height; ++y) {
    const std::uint8_t* from = source + path.origin + static_cast<std::ptrdiff_t>(y) * path.down
                               + static_cast<std::ptrdiff_t>(begin.width) * path.right;
    std::uint8_t* to = target.row(y).data() + begin.width * Channels;
    for (std::size_t x = begin.width; x < end.width; ++x) {
      std::memcpy(to, from, Channels);
      from += path.right;
      to += Channels;
    }
  }
}

template <std::size_t Channels>
void turn(const raster& source, orientation lies, raster& target) {
  const turning_path path = path_of(source, lies);
  const std::uint8_t* data = source.bytes().data();
  const auto [width, height] = target.size();
  for (std::size_t y = 0; y < height; y += turning_tile) {
    for (std::size_t x = 0; x < width; x += turning_tile) {
      const extent end{std::min(x + turning_tile, width), std::min(y + turning_tile, height)};
      turn_tile<Channels>(data, path, target, {x, y}, end);
    }
  }
}

template <class Blend>
raster rgb_of(const raster& source, Blend blend) {
  raster target{source.size(), pixel_kind::rgb};
  for (std::size_t y = 0; y < source.size().height; ++y) {
    const std::uint8_t* from = source.row(y).data();
    std::uint8_t* to = target.row(y).data();
    for (std::size_t x = 0; x < source.size().width; ++x, from += 4, to += 3) {
      for (std::size_t channel = 0; channel < 3; ++channel) {
        to[channel] = blend(from[channel], from[3]);
      }
    }
  }
  return target;
}

}  // namespace

raster turned_upright(raster source, orientation lies) {
  if (lies == orientation::upright) {
    return source;
  }
  const auto [width, height] = source.size();
  raster target{swaps_sides(lies) ? extent{height, width} : extent{width, height}, source.kind()};
  if (source.channels() == 3) {
    turn<3>(source, lies, target);
  } else {
    turn<4>(source, lies, target);
  }
  return target;
}

raster cropped_to_middle(raster source, extent part) {
  if (source.size() == part) {
    return source;
  }
  raster target{part, source.kind()};
  const std::size_t left = (source.size().width - part.width) / 2;
  const std::size_t top = (source.size().height - part.height) / 2;
  for (std::size_t y = 0; y < part.height; ++y) {
    const auto row = source.row(top + y).subspan(left * source.channels(), target.row_bytes());
    std::ranges::copy(row, target.row(y).begin());
  }
  return target;
}

raster on_canvas(const raster& source, extent canvas, std::size_t left, std::size_t top) {
  raster target{canvas, pixel_kind::rgba};
  std::ranges::fill(target.bytes(), std::uint8_t{0});
  const std::size_t width =
      std::min(source.size().width, canvas.width - std::min(left, canvas.width));
  const std::size_t height =
      std::min(source.size().height, canvas.height - std::min(top, canvas.height));
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* from = source.row(y).data();
    std::uint8_t* to = target.row(top + y).data() + left * 4;
    for (std::size_t x = 0; x < width; ++x, from += source.channels(), to += 4) {
      std::memcpy(to, from, 3);
      to[3] = source.channels() == 4 ? from[3] : std::uint8_t{255};
    }
  }
  return target;
}

bool is_opaque(const raster& picture) noexcept {
  if (picture.kind() != pixel_kind::rgba) {
    return true;
  }
  const auto bytes = picture.bytes();
  for (std::size_t i = 3; i < bytes.size(); i += 4) {
    if (bytes[i] != 255) {
      return false;
    }
  }
  return true;
}

raster on_white(const raster& source) {
  return rgb_of(source, [](unsigned value, unsigned alpha) {
    return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
  });
}

raster without_alpha(const raster& source) {
  return rgb_of(source, [](std::uint8_t value, std::uint8_t) { return value; });
}

}  // namespace stayler::adapters
