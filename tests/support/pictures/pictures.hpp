// SPDX-License-Identifier: MIT
#pragma once

#include "messages/images/image.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace stayler::test {

using byte_vector = std::vector<std::byte>;

/// What a made picture is like. Its quarters are red, green (above), blue and white (below).
struct picture_kind {
  image_format format = image_format::jpeg;
  std::size_t width = 64;
  std::size_t height = 48;
  bool is_transparent = false;  ///< the blue quarter is see-through
  bool is_cmyk = false;
  bool is_gray = false;
  bool is_palette = false;
  bool is_progressive = false;
  bool is_lossless = false;  ///< WebP
  std::size_t depth = 8;
};

byte_vector make_picture(const picture_kind& kind);
shared_bytes share(byte_vector bytes);
byte_vector bytes_of(std::string_view text);

/// A picture of one colour, such as "#808080".
byte_vector make_flat_picture(
    image_format format, std::size_t width, std::size_t height, const char* colour
);

/// The picture scaled to exactly that size and encoded anew with that quality.
byte_vector encoded_anew(
    std::span<const std::byte> bytes,
    image_format format,
    std::size_t width,
    std::size_t height,
    std::size_t quality
);

/// The picture in the format of that coder of ImageMagick, such as "TIFF".
byte_vector encoded_as(std::span<const std::byte> bytes, const char* coder);

/// A GIF of two frames: the usual quarters in 32 x 24 pixels at the lower right of 64 x 48, then
/// all of it black.
byte_vector animated_gif();

/// The picture with its torso, an eighth of it in the middle, in another tint, as a JPEG.
byte_vector with_tinted_torso(std::span<const std::byte> bytes, const char* tint);

/// The first part of the bytes.
byte_vector first_part(const byte_vector& bytes, std::size_t count);

/// A JPEG with an EXIF block that holds that orientation and a camera's name, "SecretCamera".
byte_vector with_exif(const byte_vector& jpeg, std::uint8_t orientation);

/// A JPEG with that ICC profile, which has to fit one segment.
byte_vector with_profile(const byte_vector& jpeg, std::span<const std::byte> profile);

/// A JPEG with stray bytes before its last marker, as some cameras write it.
byte_vector with_stray_bytes(const byte_vector& jpeg);

/// A PNG that ends after its header.
byte_vector png_header(std::uint32_t width, std::uint32_t height);

/// A PNG of black pixels, one bit each, with its data for that many rows or for all.
byte_vector black_png(std::uint32_t width, std::uint32_t height, std::uint32_t rows);
inline byte_vector black_png(std::uint32_t width, std::uint32_t height) {
  return black_png(width, height, height);
}

/// A progressive JPEG header followed by that many empty scans.
byte_vector jpeg_of_scans(std::size_t scans);

/// Red, green and blue from 0 to 1 at a point of an encoded picture.
std::array<double, 3> colour_at(std::span<const std::byte> bytes, std::size_t x, std::size_t y);

/// "red", "green", "blue", "white" or "other".
std::string_view colour_name_at(std::span<const std::byte> bytes, std::size_t x, std::size_t y);

/// Red, green, blue and alpha of all pixels of an encoded picture.
std::vector<std::uint8_t> pixels_of(std::span<const std::byte> bytes);

/// True where no pixel of an encoded picture lets anything through.
bool is_opaque(std::span<const std::byte> bytes);

bool contains(std::span<const std::byte> bytes, std::string_view text);

}  // namespace stayler::test
