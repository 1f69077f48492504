// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// One chunk of a PNG file. All numbers are offsets in the file.
struct png_chunk {
  std::string_view name;  ///< four characters, in the file's bytes
  std::size_t begin = 0;  ///< its length field
  std::size_t content = 0;
  std::size_t content_end = 0;
  std::size_t end = 0;  ///< behind its checksum
};

/// Goes over the chunks of a PNG file (ISO 15948, 5.3) from the first to IEND.
class png_walker {
 public:
  explicit png_walker(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  /// The next chunk; nothing behind IEND, and where the file ends within a chunk.
  std::optional<png_chunk> next() noexcept;

  /// Whether IEND was met.
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 8;
  bool is_complete_ = false;
};

/// How the samples of a PNG file are coded (cICP: numbers of ITU-T H.273).
struct png_coding {
  std::uint8_t primaries = 0;
  std::uint8_t transfer = 0;
  std::uint8_t matrix = 0;
  bool is_full_range = true;
};

/// What a PNG file tells about its picture. APNG files tell about their default image.
struct png_facts {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool is_interlaced = false;
  bool is_animated = false;
  std::span<const std::byte> exif;  ///< eXIf's content, to be read by read_exif; may be empty
  std::optional<png_coding> coding;
};

/// Reads IHDR and the chunks before the picture's data. A file that ends before them is read as far
/// as it goes. invalid_input for a header that PNG does not have, and for PQ and HLG.
result<png_facts> read_png(std::span<const std::byte> bytes);

/// The same picture with the chunks alone that a decoder needs: IHDR, PLTE, tRNS, IDAT, IEND, and
/// of the colour, gAMA, cHRM, sRGB, sBIT, cICP and iCCP up to 1 MB (as stored; libpng inflates no
/// more than 8 MB), one of each. No text, EXIF, time or frames of an animation, nothing behind
/// IEND. What has been filtered stays the same when it is filtered again. invalid_input where IEND
/// or the picture's data is missing, and for critical chunks that no decoder knows.
result<std::vector<std::byte>> keep_needed_chunks(std::span<const std::byte> bytes);

/// What keep_needed_chunks would fail with, told without copying anything.
void_result check_chunks(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
