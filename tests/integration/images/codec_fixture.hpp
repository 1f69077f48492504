// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/local_image_codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string_view>

namespace stayler::test {

/// Small enough that pictures of a few hundred pixels are scaled.
inline adapters::codec_limits small_limits() {
  adapters::codec_limits limits;
  limits.provider_side = 256;
  limits.thumbnail_side = 32;
  limits.result_side = 8;
  return limits;
}

inline std::unique_ptr<adapters::image_codec> make_codec() {
  return adapters::make_local_image_codec(small_limits());
}

inline byte_vector jpeg(std::size_t width = 64, std::size_t height = 48) {
  picture_kind kind;
  kind.width = width;
  kind.height = height;
  return make_picture(kind);
}

inline byte_vector picture(image_format format, bool is_transparent = false) {
  picture_kind kind;
  kind.format = format;
  kind.is_transparent = is_transparent;
  return make_picture(kind);
}

using quarters = std::array<std::string_view, 4>;
inline const quarters as_painted{"red", "green", "blue", "white"};

/// Where the corners of the stored pixels go in each of EXIF's orientations, from 1 on.
inline const std::array<quarters, 8> turned_upright_from{{
    {"red", "green", "blue", "white"},
    {"green", "red", "white", "blue"},
    {"white", "blue", "green", "red"},
    {"blue", "white", "red", "green"},
    {"red", "blue", "green", "white"},
    {"blue", "red", "white", "green"},
    {"white", "green", "blue", "red"},
    {"green", "white", "red", "blue"},
}};

/// The names of the four corners' colours, from the upper left in reading order.
inline quarters corners(const encoded_image& image) {
  const auto right = image.info.width - 4;
  const auto low = image.info.height - 4;
  return {
      colour_name_at(*image.bytes, 3, 3), colour_name_at(*image.bytes, right, 3),
      colour_name_at(*image.bytes, 3, low), colour_name_at(*image.bytes, right, low)};
}

/// How far the colour at a point is from that one, in levels of 255 of the channel that is
/// farthest.
inline double distance_at(
    const encoded_image& image, std::size_t x, std::size_t y, const std::array<int, 3>& wanted
) {
  const auto found = colour_at(*image.bytes, x, y);
  double farthest = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    farthest = std::max(farthest, std::abs(255 * found[i] - wanted[i]));
  }
  return farthest;
}

inline image_operation resize_to(
    std::uint32_t width, std::uint32_t height, image_operation::fit_mode fit
) {
  image_operation step;
  step.what = image_operation::kind::resize;
  step.width = width;
  step.height = height;
  step.fit = fit;
  return step;
}

inline image_operation convert_to(image_format format) {
  image_operation step;
  step.what = image_operation::kind::convert;
  step.format = format;
  return step;
}

}  // namespace stayler::test
