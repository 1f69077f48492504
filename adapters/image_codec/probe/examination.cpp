// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/examination.hpp"

#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/image_codec/probe/jpeg_segments.hpp"
#include "adapters/image_codec/probe/png_chunks.hpp"
#include "adapters/image_codec/probe/refusal.hpp"
#include "adapters/image_codec/probe/webp_chunks.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

constexpr std::uint64_t megapixel = 1'000'000;
constexpr std::uint64_t coefficients_in_block = 64;
constexpr std::uint64_t coefficient_bytes = 2;

failure over_limit(const std::string& found, std::uint64_t allowed, std::string_view unit) {
  return refusal(
      "the picture has " + found + "; allowed: up to " + std::to_string(allowed)
      + std::string{unit}
  );
}

std::uint64_t pixel_limit(image_format format, const codec_limits& limits) {
  switch (format) {
    case image_format::jpeg:
      return limits.max_jpeg_pixels;
    case image_format::gif:
    case image_format::bmp:
    case image_format::tiff:
      return std::min(limits.max_pixels, limits.max_plain_pixels);
    default:
      return limits.max_pixels;
  }
}

/// A number of pixels in megapixels, rounded up to a tenth, so that it never looks like less than
/// the limit that it is above.
std::string in_megapixels(std::uint64_t pixels) {
  const std::uint64_t tenths = (pixels + megapixel / 10 - 1) / (megapixel / 10);
  const std::string whole = std::to_string(tenths / 10);
  return tenths % 10 == 0 ? whole : whole + "." + std::to_string(tenths % 10);
}

void_result check_sides(const image_info& info, const codec_limits& limits) {
  if (std::max(info.width, info.height) <= limits.max_side) {
    return ok();
  }
  return over_limit(
      std::to_string(info.width) + " x " + std::to_string(info.height) + " pixels",
      limits.max_side, " pixels a side"
  );
}

void_result check_pixels(const image_header& header, const codec_limits& limits) {
  const std::uint64_t allowed = pixel_limit(header.info.format, limits);
  // A decoder holds an interlaced PNG twice.
  const bool is_interlaced = header.info.format == image_format::png && header.is_progressive;
  const std::uint64_t pixels = header.coded_pixels * (is_interlaced ? 2 : 1);
  if (pixels <= allowed) {
    return ok();
  }
  const std::string found = in_megapixels(header.coded_pixels) + " megapixels";
  return refusal(
      "the picture has " + found + (is_interlaced ? ", which count twice as it is interlaced" : "")
      + "; allowed: up to " + in_megapixels(allowed)
  );
}

/// What a decoder of many scans holds, and what it goes over.
void_result check_jpeg_scans(std::span<const std::byte> bytes, const codec_limits& limits) {
  const auto layout = read_jpeg_layout(bytes);
  if (!layout) {
    return layout.error();
  }
  const std::uint64_t held = blocks_of(layout->frame) * coefficients_in_block * coefficient_bytes;
  if (layout->is_multi_scan && held > limits.max_coefficient_bytes) {
    return refusal(
        "the progressive JPEG picture needs " + std::to_string(held / 1'000'000)
        + " MB to be decoded; allowed: up to "
        + std::to_string(limits.max_coefficient_bytes / 1'000'000)
    );
  }
  const std::uint64_t scanned = layout->scanned_blocks * coefficients_in_block;
  if (scanned > limits.max_scanned_coefficients) {
    return refusal(
        "the JPEG picture has " + std::to_string(layout->scans) + " scans, which is too many for "
        + "its size; allowed: " + std::to_string(limits.max_scanned_coefficients / 1'000'000)
        + " million coefficients in all"
    );
  }
  return ok();
}

/// What the reading of the header has not seen yet.
void_result check_structure(
    std::span<const std::byte> bytes, image_format format, const codec_limits& limits
) {
  switch (format) {
    case image_format::jpeg:
      return check_jpeg_scans(bytes, limits);
    case image_format::png:
      return check_chunks(bytes);
    case image_format::webp:
      return check_webp(bytes);
    default:
      return ok();
  }
}

}  // namespace

result<image_header> examine(std::span<const std::byte> bytes, const codec_limits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return over_limit(std::to_string(bytes.size()) + " bytes", limits.max_bytes, " bytes");
  }
  auto header = read_image_header(bytes);
  if (!header) {
    return header;
  }
  auto good = check_sides(header->info, limits);
  if (good) {
    good = check_pixels(*header, limits);
  }
  if (good) {
    good = check_structure(bytes, header->info.format, limits);
  }
  if (!good) {
    return std::move(good).error();
  }
  return header;
}

}  // namespace stayler::adapters
