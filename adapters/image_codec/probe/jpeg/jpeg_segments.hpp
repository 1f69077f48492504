// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace stayler::adapters {

/// Codes of JPEG markers (ISO 10918-1, table B.1).
namespace jpeg_code {
constexpr std::uint8_t dht = 0xC4;
constexpr std::uint8_t dac = 0xCC;
constexpr std::uint8_t soi = 0xD8;
constexpr std::uint8_t eoi = 0xD9;
constexpr std::uint8_t sos = 0xDA;
constexpr std::uint8_t dqt = 0xDB;
constexpr std::uint8_t dnl = 0xDC;
constexpr std::uint8_t dri = 0xDD;
constexpr std::uint8_t app0 = 0xE0;
constexpr std::uint8_t app1 = 0xE1;
constexpr std::uint8_t app2 = 0xE2;
constexpr std::uint8_t app14 = 0xEE;
constexpr std::uint8_t app15 = 0xEF;
constexpr std::uint8_t com = 0xFE;
}  // namespace jpeg_code

/// One component of a frame: its id, and how densely it is sampled, 1 to 4 a direction.
struct jpeg_component {
  std::uint8_t id = 0;
  std::uint8_t horizontal = 1;
  std::uint8_t vertical = 1;
};

/// A frame header that can be decoded: Huffman coding, 8 bits, 1, 3 or 4 components.
struct jpeg_frame {
  bool is_progressive = false;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t component_count = 0;
  std::array<jpeg_component, 4> components{};
};

/// The blocks of 8 x 8 samples of that component, with those that fill up the last MCUs.
std::uint64_t blocks_of(const jpeg_frame& frame, std::size_t component) noexcept;

/// The blocks of all components.
std::uint64_t blocks_of(const jpeg_frame& frame) noexcept;

/// One marker segment. All numbers are offsets in the file.
struct jpeg_segment {
  std::uint8_t code = 0;
  std::size_t begin = 0;    ///< its marker, behind any fill bytes
  std::size_t content = 0;  ///< behind the length field
  std::size_t end = 0;      ///< behind the content; of a scan, behind its entropy-coded data
};

/// Where things are in a JPEG file.
struct jpeg_layout {
  jpeg_frame frame;
  std::vector<jpeg_segment> segments;  ///< all of them, in order, up to the last scan or the EOI
  std::size_t scans = 0;
  std::uint64_t scanned_blocks = 0;  ///< the blocks that the scans go over, all together
  /// Whether a decoder has to hold the coefficients of the whole picture: a progressive file, or
  /// one whose first scan lacks a component.
  bool is_multi_scan = false;
  bool has_eoi = false;
  /// Behind the EOI; where that is missing, behind the data of the last scan. What comes later is
  /// not part of the picture: a maker's trailer, a second picture, a video.
  std::size_t end = 0;
};

/// Walks over a JPEG file as libjpeg does: bytes between segments are passed over, and a scan's
/// data goes up to the next marker but RSTn. Where the EOI is missing, the picture ends at the
/// first marker that cannot go on with it: only decoding tells whether all of it is there, and then
/// the data of the last scan may have bytes of a trailer at its end. invalid_input for what no
/// decoder here reads (arithmetic coding, 12 bits, ...), for a file that ends before each component
/// has been in a scan, for more than 1,000 segments or 100 scans.
result<jpeg_layout> read_jpeg_layout(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
