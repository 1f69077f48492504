// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/raster.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace stayler::adapters {

/// An RGB colour space by its formula: CIE 1931 xy of white and primaries, and the curve.
struct rgb_space {
  using chromaticity = std::array<double, 2>;

  chromaticity white{0.3127, 0.3290};
  chromaticity red{0.640, 0.330};
  chromaticity green{0.300, 0.600};
  chromaticity blue{0.150, 0.060};
  double gamma = 0;  ///< the exponent; 0 for sRGB's own curve

  friend bool operator==(const rgb_space&, const rgb_space&) = default;
};

/// SMPTE EG 432-1 primaries with sRGB's curve: the pictures of today's telephones.
inline constexpr rgb_space display_p3{
    {0.3127, 0.3290}, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, 0};

/// Adobe RGB (1998).
inline constexpr rgb_space adobe_rgb{
    {0.3127, 0.3290}, {0.640, 0.330}, {0.210, 0.710}, {0.150, 0.060}, 563.0 / 256};

/// ITU-R BT.2020 primaries with sRGB's curve.
inline constexpr rgb_space bt2020{
    {0.3127, 0.3290}, {0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}, 0};

/// What a picture's numbers mean. Empty: sRGB, or CMYK of no known press.
struct colour_meaning {
  std::vector<std::byte> profile;  ///< ICC
  std::optional<rgb_space> space;  ///< asked where there is no profile
  bool is_grey = false;            ///< a picture of one channel: the profile may be one for grey
};

/// True where a picture of RGB or grey can be shown as it is: there is no profile, or its primaries
/// and curves say that it means what sRGB means, to a level of 255, whatever it is called; or it is
/// one that viewers ignore.
bool is_srgb(const colour_meaning& meaning);

/// The picture in sRGB. A profile that is broken or of another colour model is ignored, as viewers
/// do; CMYK becomes RGB then by its complement.
raster to_srgb(raster source, const colour_meaning& meaning);

}  // namespace stayler::adapters
