// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/pixels/raster/colour.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace stayler::adapters {

/// An opened ICC profile.
class icc_profile;

/// Null where the bytes are no profile.
std::shared_ptr<const icc_profile> open_profile(std::span<const std::byte> bytes);

/// An ICC profile of that space, empty where it makes no sense.
std::vector<std::byte> profile_of(const rgb_space& space);

/// Whether a profile for RGB means sRGB; also true of profiles that are not for RGB, which do not
/// apply.
bool is_srgb(const icc_profile& profile);

/// What each level of grey is in sRGB.
using grey_levels = std::array<std::uint8_t, 256>;

/// Nothing where the profile is not for grey, or means sRGB's shades to a level.
std::optional<grey_levels> levels_to_srgb(const icc_profile& profile);

/// From a profile's colours to sRGB, relative colorimetric; for CMYK with black point compensation.
/// Safe to use from several threads.
class icc_transform {
 public:
  virtual ~icc_transform() = default;

  /// RGB and RGBA may be converted in place; alpha stays. CMYK becomes RGB.
  virtual void convert(std::span<const std::uint8_t> source, std::span<std::uint8_t> target)
      const = 0;
};

/// The transform for pixels of that kind; the latest eight are kept, as one for CMYK takes
/// milliseconds to make. Null where the profile is broken, or is for another colour model.
std::shared_ptr<const icc_transform> find_transform(
    const std::vector<std::byte>& profile, pixel_kind kind
);

}  // namespace stayler::adapters
