// SPDX-License-Identifier: MIT

// Reads the headers of JPEG (ISO 10918-1), PNG (ISO 15948) and WebP (RFC 9649) files. Every input
// is hostile until shown otherwise: all reads are bounded by byte_view, and nothing is allocated
// but the message of an error.
#include "adapters/image_codec/probe/image_probe.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/exif_facts.hpp"
#include "adapters/image_codec/probe/jpeg_metadata.hpp"

#include <array>

namespace stayler::adapters {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view png_signature = "\x89PNG\r\n\x1A\n"sv;

struct known_format {
  std::size_t offset;
  std::string_view magic;
  std::string_view name;
};

// What people send instead, so that the error can call it by its name.
constexpr std::array<known_format, 14> other_formats{{
    {0, "GIF8"sv, "a GIF"},
    {0, "BM"sv, "a BMP"},
    {0, "%PDF"sv, "a PDF"},
    {0, "II*\0"sv, "a TIFF"},
    {0, "MM\0*"sv, "a TIFF"},
    {4, "ftypheic"sv, "a HEIC"},
    {4, "ftypheix"sv, "a HEIC"},
    {4, "ftypmif1"sv, "a HEIF"},
    {4, "ftypavif"sv, "an AVIF"},
    {4, "ftyp"sv, "a video"},
    {0, "PK\x03\x04"sv, "a ZIP"},
    {0, "<svg"sv, "an SVG"},
    {0, "<"sv, "an HTML or XML text"},
    {0, "{"sv, "a JSON text"},
}};

failure invalid(std::string message) {
  return {error_class::invalid_input, std::move(message), {}};
}

failure bad_header(std::string_view format, std::string_view what) {
  return invalid("the " + std::string{format} + " header " + std::string{what});
}

std::string first_bytes(byte_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) {
    text += text.empty() ? "" : " ";
    text += digits[bytes.u8(i) >> 4U];
    text += digits[bytes.u8(i) & 0xFU];
  }
  return text;
}

failure unknown_format(byte_view bytes) {
  constexpr std::string_view allowed = "; allowed: JPEG, PNG, WebP";
  if (bytes.size() == 0) {
    return invalid("there are no bytes" + std::string{allowed});
  }
  for (const known_format& known : other_formats) {
    if (bytes.says(known.offset, known.magic)) {
      return invalid("this is " + std::string{known.name} + " file" + std::string{allowed});
    }
  }
  return invalid("no known picture begins with " + first_bytes(bytes) + std::string{allowed});
}

/// The info, unless a side is 0.
result<image_info> checked(image_format format, std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) {
    return invalid(
        "the picture is " + std::to_string(width) + " x " + std::to_string(height)
        + " pixels; allowed: sides of at least 1"
    );
  }
  return image_info{format, width, height};
}

result<image_header> read_jpeg(std::span<const std::byte> bytes) {
  const auto layout = read_jpeg_layout(bytes);
  if (!layout) {
    return layout.error();
  }
  const jpeg_frame& frame = layout->frame;
  return image_header{
      {image_format::jpeg, frame.width, frame.height},
      read_exif(exif_of(bytes, *layout)).lies,
      frame.is_progressive};
}

result<image_info> read_png(byte_view bytes) {
  if (!bytes.has(8, 16)) {
    return bad_header("PNG", "is cut off before it tells width and height");
  }
  if (bytes.big(8, 4) != 13 || !bytes.says(12, "IHDR")) {
    return bad_header("PNG", "does not begin with IHDR");
  }
  return checked(image_format::png, bytes.big(16, 4), bytes.big(20, 4));
}

result<image_info> read_lossy_webp(byte_view bytes) {
  // Frame tag (its lowest bit is 0 for a key frame), start code, 14 bits of width and of height.
  if ((bytes.u8(20) & 1U) != 0 || !bytes.says(23, "\x9D\x01\x2A")) {
    return bad_header("WebP", "does not begin with a key frame");
  }
  return checked(image_format::webp, bytes.little(26, 2) & 0x3FFFU, bytes.little(28, 2) & 0x3FFFU);
}

result<image_info> read_lossless_webp(byte_view bytes) {
  // Signature, 14 bits of width - 1, 14 of height - 1, one for alpha, three for the version.
  const std::uint32_t bits = bytes.little(21, 4);
  if (bytes.u8(20) != 0x2F || bits >> 29U != 0) {
    return bad_header("WebP", "is not of a known lossless version");
  }
  return checked(image_format::webp, (bits & 0x3FFFU) + 1, (bits >> 14U & 0x3FFFU) + 1);
}

result<image_info> read_webp(byte_view bytes) {
  // RIFF, size, WEBP, then the first chunk's name, size and content.
  const bool is_lossless = bytes.says(12, "VP8L");
  if (!bytes.has(0, is_lossless ? 25 : 30)) {
    return bad_header("WebP", "is cut off before it tells width and height");
  }
  if (is_lossless) {
    return read_lossless_webp(bytes);
  }
  if (bytes.says(12, "VP8 ")) {
    return read_lossy_webp(bytes);
  }
  if (bytes.says(12, "VP8X")) {
    return checked(image_format::webp, bytes.little(24, 3) + 1, bytes.little(27, 3) + 1);
  }
  return bad_header("WebP", "begins with an unknown chunk");
}

}  // namespace

result<image_header> read_image_header(std::span<const std::byte> bytes) {
  const byte_view view{bytes};
  if (view.says(0, "\xFF\xD8\xFF")) {
    return read_jpeg(bytes);
  }
  const bool is_png = view.says(0, png_signature);
  const bool is_webp = view.says(0, "RIFF") && view.says(8, "WEBP");
  const auto info = is_png    ? read_png(view)
                    : is_webp ? read_webp(view)
                              : result<image_info>{unknown_format(view)};
  if (!info) {
    return info.error();
  }
  return image_header{*info};
}

result<image_info> read_image_info(std::span<const std::byte> bytes) {
  const auto header = read_image_header(bytes);
  if (!header) {
    return header.error();
  }
  return header->info;
}

}  // namespace stayler::adapters
