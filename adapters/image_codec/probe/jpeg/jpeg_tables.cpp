// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/jpeg/jpeg_tables.hpp"

#include <cstddef>

namespace stayler::adapters {

namespace {

bool is_huffman_tables(byte_view bytes, const jpeg_segment& segment) noexcept {
  std::size_t position = segment.content;
  while (position + 17 <= segment.end) {
    std::size_t values = 0;
    for (std::size_t i = 1; i <= 16; ++i) {
      values += bytes.u8(position + i);
    }
    if ((bytes.u8(position) & 0xECU) != 0 || values > 256) {
      return false;
    }
    position += 17 + values;
  }
  return position == segment.end;
}

bool is_quantization_tables(byte_view bytes, const jpeg_segment& segment) noexcept {
  std::size_t position = segment.content;
  while (position < segment.end && (bytes.u8(position) & 0xECU) == 0) {
    position += (bytes.u8(position) & 0x10U) != 0 ? 129 : 65;
  }
  return position == segment.end;
}

}  // namespace

bool has_sound_tables(byte_view bytes, const jpeg_segment& segment) noexcept {
  switch (segment.code) {
    case jpeg_code::dht:
      return is_huffman_tables(bytes, segment);
    case jpeg_code::dqt:
      return is_quantization_tables(bytes, segment);
    case jpeg_code::dri:
      return segment.end - segment.content == 2;
    default:
      return true;
  }
}

}  // namespace stayler::adapters
