// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/pictures/pictures.hpp"

#include <array>
#include <cstdint>

namespace stayler::test {

/// What a made HEIC or AVIF file is like.
struct heif_kind {
  image_format format = image_format::heic;
  std::size_t width = 64;
  std::size_t height = 48;
  std::uint8_t turning = 1;           ///< by irot and imir, in EXIF's numbers
  std::uint8_t exif_orientation = 0;  ///< in an EXIF block that also names "SecretCamera"; 0: none
  int bits = 8;                       ///< a channel: 8, for HEIC 10, for AVIF 12
  std::uint16_t primaries = 1;        ///< nclx: 1 sRGB, 12 Display P3
  std::uint16_t transfer = 13;        ///< nclx: 13 sRGB, 16 PQ, 18 HLG
  /// One colour; {0, 0, 0}: quarters of red, green (above), blue and white (below).
  std::array<std::uint8_t, 3> colour{};
};

/// Encoded by libheif, nearly without loss. With Debian 12's libraries ten bits of AVIF abort.
byte_vector make_heif_picture(const heif_kind& kind);

}  // namespace stayler::test
