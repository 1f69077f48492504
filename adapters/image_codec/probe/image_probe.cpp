// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/image_probe.hpp"

#include "adapters/image_codec/probe/exif_facts.hpp"
#include "adapters/image_codec/probe/format_detection.hpp"
#include "adapters/image_codec/probe/formats/bmp_header.hpp"
#include "adapters/image_codec/probe/formats/gif_header.hpp"
#include "adapters/image_codec/probe/formats/png_chunks.hpp"
#include "adapters/image_codec/probe/formats/tiff_header.hpp"
#include "adapters/image_codec/probe/formats/webp_chunks.hpp"
#include "adapters/image_codec/probe/heif/heif_boxes.hpp"
#include "adapters/image_codec/probe/jpeg/jpeg_metadata.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

namespace stayler::adapters {

namespace {

result<image_header> read_png_header(std::span<const std::byte> bytes) {
  const auto facts = read_png(bytes);
  if (!facts) {
    return facts.error();
  }
  auto header =
      header_of(image_format::png, facts->width, facts->height, read_exif(facts->exif).lies);
  header.is_progressive = facts->is_interlaced;
  header.is_animated = facts->is_animated;
  return header;
}

result<image_header> read_webp_header(std::span<const std::byte> bytes) {
  const auto facts = read_webp(bytes);
  if (!facts) {
    return facts.error();
  }
  auto header =
      header_of(image_format::webp, facts->width, facts->height, read_exif(facts->exif).lies);
  header.is_animated = facts->is_animated;
  return header;
}

}  // namespace

image_header read_jpeg_header(std::span<const std::byte> bytes, const jpeg_layout& layout) {
  const jpeg_frame& frame = layout.frame;
  auto header = header_of(
      image_format::jpeg, frame.width, frame.height, read_exif(exif_of(bytes, layout)).lies
  );
  header.is_progressive = frame.is_progressive;
  return header;
}

result<image_header> read_image_header(std::span<const std::byte> bytes) {
  const auto format = detect_format(bytes);
  if (!format) {
    return format.error();
  }
  switch (*format) {
    case image_format::jpeg: {
      const auto layout = read_jpeg_layout(bytes);
      return layout ? read_jpeg_header(bytes, *layout) : result<image_header>{layout.error()};
    }
    case image_format::png:
      return read_png_header(bytes);
    case image_format::webp:
      return read_webp_header(bytes);
    case image_format::gif:
      return read_gif(bytes);
    case image_format::bmp:
      return read_bmp(bytes);
    case image_format::tiff:
      return read_tiff(bytes);
    case image_format::heic:
    case image_format::avif:
      return read_heif(bytes);
  }
  return refusal("this is no format of a picture");
}

result<image_info> read_image_info(std::span<const std::byte> bytes) {
  const auto header = read_image_header(bytes);
  if (!header) {
    return header.error();
  }
  return header->info;
}

}  // namespace stayler::adapters
