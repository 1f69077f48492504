// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/orientation.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// What an EXIF block tells about how the pixels are to be shown.
struct exif_facts {
  orientation lies = orientation::upright;
  /// ColorSpace says "uncalibrated": something else than sRGB, to be told by a profile.
  bool is_uncalibrated = false;
  /// Uncalibrated, with the interoperability index R03: Adobe RGB (DCF 2.0), also without a
  /// profile.
  bool is_adobe_rgb = false;
};

/// Reads an EXIF block (CIPA DC-008), with or without the prefix "Exif\0\0" that JPEG demands and
/// some writers of WebP and PNG put before it, too. What is missing or damaged reads as upright and
/// sRGB.
exif_facts read_exif(std::span<const std::byte> block) noexcept;

}  // namespace stayler::adapters
