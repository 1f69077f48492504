// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/byte_view.hpp"

#include <optional>

namespace stayler::adapters {

/// One marker of a JPEG stream, with the place of its segment's content.
struct jpeg_marker {
  std::uint8_t code = 0;
  std::size_t content = 0;  ///< offset; meaningless for markers without a segment
  std::size_t length = 0;

  [[nodiscard]] bool is_frame_header() const noexcept {
    // SOF0 to SOF15, but for DHT, JPG and DAC, which share the range.
    return code >= 0xC0 && code <= 0xCF && code != 0xC4 && code != 0xC8 && code != 0xCC;
  }
  [[nodiscard]] bool is_scan() const noexcept { return code == 0xDA; }
  [[nodiscard]] bool is_end() const noexcept { return code == 0xD9; }
};

/// Walks the markers of a JPEG stream in the way libjpeg does: bytes between segments, which
/// include a scan's data, are passed over up to the next marker.
class jpeg_walker {
 public:
  explicit jpeg_walker(byte_view bytes) noexcept : bytes_(bytes) {}

  /// The next marker; nothing where the data ends first, be it within a segment.
  std::optional<jpeg_marker> next() noexcept {
    for (; bytes_.has(position_, 2); ++position_) {
      const std::uint8_t code = bytes_.u8(position_ + 1);
      const bool is_marker = bytes_.u8(position_) == 0xFF && code != 0x00 && code != 0xFF;
      if (is_marker && !is_restart(code)) {
        position_ += 2;
        return segment(code);
      }
    }
    return std::nullopt;
  }

 private:
  static bool is_restart(std::uint8_t code) noexcept {
    return code == 0x01 || (code >= 0xD0 && code <= 0xD7);
  }

  std::optional<jpeg_marker> segment(std::uint8_t code) noexcept {
    if (code == 0xD8 || code == 0xD9) {
      return jpeg_marker{code, position_, 0};
    }
    const std::size_t length = bytes_.big(position_, 2);
    if (length < 2 || !bytes_.has(position_, length)) {
      return std::nullopt;
    }
    const jpeg_marker found{code, position_ + 2, length - 2};
    position_ += length;
    return found;
  }

  byte_view bytes_;
  std::size_t position_ = 0;
};

}  // namespace stayler::adapters
