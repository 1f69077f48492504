// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/embedded_profile.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_segments.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace stayler::adapters {

/// The ICC profile, put together from its parts in the order of their numbers (ICC.1:2010, B.4).
/// Empty where there is none, where parts are missing, doubled or at odds about how many there are,
/// and beyond 4 MB: viewers ignore such a one, too.
std::vector<std::byte> icc_profile_of(std::span<const std::byte> bytes, const jpeg_layout& layout);

/// The TIFF structure of the EXIF segment, to be read by read_exif; empty where there is none.
std::span<const std::byte> exif_of(std::span<const std::byte> bytes, const jpeg_layout& layout);

/// The colour transform that Adobe's APP14 names: 0 for RGB or CMYK, 1 for YCbCr, 2 for YCCK.
/// Nothing without such a segment.
std::optional<std::uint8_t> adobe_transform(
    std::span<const std::byte> bytes, const jpeg_layout& layout
);

/// Whether there is a JFIF segment that libjpeg takes for one; it then means YCbCr.
bool has_jfif(std::span<const std::byte> bytes, const jpeg_layout& layout);

/// The same picture, bit for bit in its tables and scans, without anything else: no APPn and no COM
/// but JFIF without its thumbnail, Adobe's APP14 without what does not belong there and, if asked
/// for, a sound ICC profile; nothing between segments, nothing behind the EOI, and an EOI where it
/// was missing. A picture that has been cut stays the same when it is cut again.
/// Where the EOI was missing, what stood behind the last scan's data up to the next 0xFF is still
/// there: such a picture has to be encoded anew to be rid of it.
std::vector<std::byte> cut_jpeg_metadata(
    std::span<const std::byte> bytes, const jpeg_layout& layout, embedded_profile profile
);

/// Whether cut_jpeg_metadata would give the same bytes, told without copying them.
bool is_without_jpeg_metadata(
    std::span<const std::byte> bytes, const jpeg_layout& layout, embedded_profile profile
);

}  // namespace stayler::adapters
