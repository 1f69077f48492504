// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Files of pictures put together piece by piece, in ways that no encoder would. Bytes are strings
// here, which makes them easy to join, cut and compare.
namespace stayler::test {

/// The bytes of a string, as the code under test takes them.
inline std::span<const std::byte> raw(std::string_view text) {
  return std::as_bytes(std::span{text});
}

/// What the code under test has made, as a string.
std::string text_of(std::span<const std::byte> bytes);

/// A number of that many bytes, the highest first.
std::string big(std::uint64_t value, std::size_t bytes);

/// A number of that many bytes, the lowest first.
std::string little(std::uint64_t value, std::size_t bytes);

/// What an EXIF block may tell.
struct exif_content {
  std::uint32_t orientation = 1;
  bool is_little = true;
  bool has_prefix = false;                 ///< "Exif\0\0"
  bool is_uncalibrated = false;            ///< ColorSpace 65535
  std::string_view interoperability = {};  ///< "R03" or "R98"; empty: none
};

/// An EXIF block that also names a camera, "SecretCamera".
std::string make_exif(const exif_content& kind);

/// A JPEG segment with its marker and length.
std::string make_segment(std::uint8_t code, std::string_view content);

/// A JPEG of 60 x 40 black pixels that decodes: SOI and JFIF, tables, frame, scan with data, EOI.
struct jpeg_parts {
  std::string start = "\xFF\xD8";
  std::string jfif;
  std::string tables;
  std::string frame;
  std::string scan;  ///< header and data
  std::string end = "\xFF\xD9";

  [[nodiscard]] std::string joined() const { return start + jfif + tables + frame + scan + end; }
};
jpeg_parts make_plain_jpeg();

/// The content of a frame header of that size with three components, sampled 4:2:0.
std::string make_frame_content(
    std::uint32_t width, std::uint32_t height, std::uint32_t precision = 8
);

/// A scan header for those components, with data without meaning.
std::string make_scan(std::string_view component_ids);

/// The segments of an ICC profile in parts of that many bytes.
std::string make_icc_segments(std::string_view profile, std::size_t part_bytes);

/// A PNG chunk with its length and checksum.
std::string make_png_chunk(std::string_view name, std::string_view content);

/// IHDR of 8 bits, red, green and blue, behind the signature.
std::string make_png_start(std::uint32_t width, std::uint32_t height, bool is_interlaced = false);

/// A RIFF chunk, filled up to an even length.
std::string make_riff_chunk(std::string_view name, std::string_view content);

/// A WebP file of these chunks.
std::string make_webp(std::string_view chunks);

/// The content of VP8X.
std::string make_webp_extended(std::uint8_t flags, std::uint32_t width, std::uint32_t height);

/// A VP8L chunk whose data begins like a picture of that size.
std::string make_webp_lossless(std::uint32_t width, std::uint32_t height);

/// A box of ISO 14496-12.
std::string make_box(std::string_view type, std::string_view content);

/// A box with version and flags.
std::string make_full_box(
    std::string_view type, std::uint32_t version, std::uint32_t flags, std::string_view content
);

/// What a HEIF file is like.
struct heif_content {
  std::string_view major = "heic";
  std::string_view compatible = "mif1heic";
  std::string_view coding = "hvc1";
  std::uint32_t width = 640;
  std::uint32_t height = 480;
  std::uint32_t tiles = 0;         ///< of a grid of one row; 0: a single picture
  std::uint32_t tiles_named = 0;   ///< of which the grid names that many; 0: all
  std::string properties = {};     ///< more boxes that belong to the primary item
  std::size_t property_count = 0;  ///< how many these are
  std::uint32_t data_bytes = 16;   ///< that each coded item says it has
};
std::string make_heif(const heif_content& kind);

/// A field of a TIFF directory: SHORT (3) or LONG (4).
struct tiff_field {
  std::uint16_t tag;
  std::uint32_t value;
  std::uint16_t type = 4;
};

/// A TIFF file of one directory, and that many bytes behind it.
std::string make_tiff(
    const std::vector<tiff_field>& fields, bool is_little = true, std::size_t data_bytes = 0
);

}  // namespace stayler::test
