// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/examination.hpp"

#include "adapters/image_codec/probe/format_detection.hpp"
#include "adapters/image_codec/probe/formats/png_chunks.hpp"
#include "adapters/image_codec/probe/formats/webp_chunks.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_segments.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

constexpr std::uint64_t million = 1'000'000;
constexpr std::uint64_t coefficients_in_block = 64;
constexpr std::uint64_t coefficient_bytes = 2;

failure over_limit(const std::string& found, std::uint64_t allowed, std::string_view unit) {
  return refusal(
      "the picture has " + found + "; allowed: up to " + std::to_string(allowed) + std::string{unit}
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
  const std::uint64_t tenths = (pixels + million / 10 - 1) / (million / 10);
  const std::string whole = std::to_string(tenths / 10);
  return tenths % 10 == 0 ? whole : whole + "." + std::to_string(tenths % 10);
}

void_result check_size(const image_header& header, const codec_limits& limits) {
  const auto& [format, width, height] = header.info;
  if (std::max(width, height) > limits.max_side) {
    return over_limit(
        std::to_string(width) + " x " + std::to_string(height) + " pixels", limits.max_side,
        " pixels a side"
    );
  }
  const std::uint64_t allowed = pixel_limit(format, limits);
  // A decoder holds an interlaced PNG twice.
  const bool is_interlaced = format == image_format::png && header.is_progressive;
  if (header.coded_pixels * (is_interlaced ? 2 : 1) <= allowed) {
    return ok();
  }
  return refusal(
      "the picture has " + in_megapixels(header.coded_pixels) + " megapixels"
      + (is_interlaced ? ", which count twice as it is interlaced" : "") + "; allowed: up to "
      + in_megapixels(allowed)
  );
}

/// What a decoder of many scans holds, and what it goes over.
void_result check_scans(const jpeg_layout& layout, const codec_limits& limits) {
  const std::uint64_t held = blocks_of(layout.frame) * coefficients_in_block * coefficient_bytes;
  if (layout.is_multi_scan && held > limits.max_coefficient_bytes) {
    return refusal(
        "the progressive JPEG picture needs " + std::to_string(held / million)
        + " MB to be decoded; allowed: up to "
        + std::to_string(limits.max_coefficient_bytes / million)
    );
  }
  if (layout.scanned_blocks * coefficients_in_block > limits.max_scanned_coefficients) {
    return refusal(
        "the JPEG picture has " + std::to_string(layout.scans) + " scans, which is too many for "
        + "its size; allowed: " + std::to_string(limits.max_scanned_coefficients / million)
        + " million coefficients in all"
    );
  }
  return ok();
}

result<image_header> examine_jpeg(std::span<const std::byte> bytes, const codec_limits& limits) {
  const auto layout = read_jpeg_layout(bytes);
  if (!layout) {
    return layout.error();
  }
  auto header = read_jpeg_header(bytes, *layout);
  auto good = check_size(header, limits);
  if (good) {
    good = check_scans(*layout, limits);
  }
  return good ? result<image_header>{header} : result<image_header>{std::move(good).error()};
}

result<image_header> examine_other(std::span<const std::byte> bytes, const codec_limits& limits) {
  auto header = read_image_header(bytes);
  if (!header) {
    return header;
  }
  auto good = check_size(*header, limits);
  if (good && header->info.format == image_format::png) {
    good = check_chunks(bytes);
  } else if (good && header->info.format == image_format::webp) {
    good = check_webp(bytes);
  }
  return good ? header : result<image_header>{std::move(good).error()};
}

}  // namespace

result<image_header> examine(std::span<const std::byte> bytes, const codec_limits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return over_limit(std::to_string(bytes.size()) + " bytes", limits.max_bytes, " bytes");
  }
  const auto format = detect_format(bytes);
  if (!format) {
    return format.error();
  }
  return *format == image_format::jpeg ? examine_jpeg(bytes, limits) : examine_other(bytes, limits);
}

}  // namespace stayler::adapters
