// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/image_header.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace stayler::adapters {

/// What the brands of a file of boxes (ISO 14496-12: "ftyp") say that it is.
struct heif_kind {
  std::optional<image_format> format;  ///< HEIC or AVIF; HEIF by its primary item's coding
  std::string_view name;               ///< with its article; what it is where it is neither
};

/// By the major brand and the compatible ones: HEIC in a file that calls itself a video is common.
heif_kind detect_heif(std::span<const std::byte> bytes) noexcept;

/// Reads the primary item of a HEIF file (ISO 23008-12), coded as HEVC (HEIC) or AV1 (AVIF), one
/// picture or a grid. The sides are those behind its properties clap and irot, which its decoder
/// applies by itself: it always lies upright. EXIF's orientation does not count in HEIF.
/// invalid_input for boxes that are damaged or lead out of the file, as in one that is cut off; for
/// a grid without all its tiles; for other codings; for PQ and HLG; for more than 4,096 items.
result<image_header> read_heif(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
