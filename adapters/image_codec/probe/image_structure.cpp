// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/image_structure.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/jpeg_segments.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

namespace stayler::adapters {

namespace {

void_result check_png(byte_view bytes) {
  constexpr std::size_t chunk_frame = 12;  // length, name, checksum
  std::size_t position = 8;
  while (bytes.has(position, chunk_frame)) {
    if (bytes.says(position + 4, "IEND")) {
      return ok();
    }
    const std::size_t length = bytes.big(position, 4);
    if (!bytes.has(position + chunk_frame, length)) {
      break;
    }
    position += chunk_frame + length;
  }
  return cut_off_refusal("PNG", bytes.size());
}

void_result check_webp(byte_view bytes) {
  constexpr std::uint8_t animation_flag = 0x02;
  if (!bytes.has(8, bytes.little(4, 4))) {
    return cut_off_refusal("WebP", bytes.size());
  }
  if (bytes.says(12, "VP8X") && (bytes.u8(20) & animation_flag) != 0) {
    return failure{
        error_class::invalid_input, "the WebP picture is animated; allowed: still pictures", {}};
  }
  return ok();
}

}  // namespace

void_result check_structure(std::span<const std::byte> bytes, const image_info& info) {
  const byte_view view{bytes};
  switch (info.format) {
    case image_format::png:
      return check_png(view);
    case image_format::webp:
      return check_webp(view);
    default:
      if (const auto layout = read_jpeg_layout(bytes); !layout) {
        return layout.error();
      }
      return ok();
  }
}

}  // namespace stayler::adapters
