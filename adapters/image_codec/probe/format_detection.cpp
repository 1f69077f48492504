// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/format_detection.hpp"

#include "adapters/image_codec/probe/byte_view.hpp"
#include "adapters/image_codec/probe/heif/heif_boxes.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace stayler::adapters {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view allowed_formats =
    "; allowed: JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP, TIFF";

struct known_format {
  std::size_t offset;
  std::string_view magic;
  std::string_view name;
};

/// What people send instead.
constexpr std::array<known_format, 31> other_formats{{
    {0, "%PDF"sv, "a PDF file"},
    {0, "%!PS"sv, "a PostScript file"},
    {0, "8BPS"sv, "a Photoshop file"},
    {0, "\0\0\1\0"sv, "an ICO file"},
    {0, "\0\0\2\0"sv, "a CUR file"},
    {0, "\xFF\x0A"sv, "a JPEG XL file"},
    {0, "\0\0\0\x0CJXL "sv, "a JPEG XL file"},
    {0, "\0\0\0\x0CjP  "sv, "a JPEG 2000 file"},
    {0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000 file"},
    {0, "FUJIFILMCCD-RAW"sv, "a raw file of a camera"},
    {0, "FOVb"sv, "a raw file of a camera"},
    {0, "IIU\0"sv, "a raw file of a camera"},
    {0, "IIRO"sv, "a raw file of a camera"},
    {0, "IIRS"sv, "a raw file of a camera"},
    {0, "MMOR"sv, "a raw file of a camera"},
    {0, "\0MRM"sv, "a raw file of a camera"},
    {0, "II+\0"sv, "a BigTIFF file"},
    {0, "MM\0+"sv, "a BigTIFF file"},
    {0, "\x1A\x45\xDF\xA3"sv, "a video"},
    {0, "\0\0\1\xBA"sv, "a video"},
    {0, "FLV\1"sv, "a video"},
    {8, "AVI "sv, "a video"},
    {4, "moov"sv, "a video"},
    {4, "mdat"sv, "a video"},
    {4, "wide"sv, "a video"},
    {8, "WAVE"sv, "a sound file"},
    {0, "PK\3\4"sv, "a ZIP file"},
    {0, "Rar!"sv, "a RAR file"},
    {0, "7z\xBC\xAF"sv, "a 7-Zip file"},
    {0, "\x1F\x8B"sv, "a gzip file"},
    {0, "\xD7\xCD\xC6\x9A"sv, "a WMF file"},
}};

failure unread(std::string_view name) {
  return refusal("this is " + std::string{name} + std::string{allowed_formats});
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

/// The file's beginning as text, behind a byte order mark and white space.
std::string_view beginning_of(std::span<const std::byte> bytes) {
  constexpr std::size_t looked_at = 4'096;
  std::string_view text{
      reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), looked_at)};
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text;
}

std::optional<std::string_view> name_of_text(std::span<const std::byte> bytes) {
  const std::string_view text = beginning_of(bytes);
  if (text.starts_with('<')) {
    const bool is_svg = text.find("<svg") != std::string_view::npos
                        || text.find("<!DOCTYPE svg") != std::string_view::npos;
    const bool is_page = text.starts_with("<!DOCTYPE html") || text.starts_with("<html");
    return is_svg && !is_page ? "an SVG file" : "an HTML or XML text";
  }
  if (text.starts_with('{') || text.starts_with('[')) {
    return "a JSON text";
  }
  return std::nullopt;
}

/// BM are only two letters; the size of the header that follows is one of a few.
bool is_bmp(byte_view view) noexcept {
  constexpr std::array<std::uint32_t, 7> header_sizes{12, 40, 52, 56, 64, 108, 124};
  return view.says(0, "BM")
         && std::ranges::find(header_sizes, view.little(14, 4)) != header_sizes.end();
}

std::optional<image_format> detect_by_magic(byte_view view) noexcept {
  if (view.says(0, "\xFF\xD8\xFF")) {
    return image_format::jpeg;
  }
  if (view.says(0, "\x89PNG\r\n\x1A\n")) {
    return image_format::png;
  }
  if (view.says(0, "RIFF") && view.says(8, "WEBP")) {
    return image_format::webp;
  }
  if (view.says(0, "GIF87a") || view.says(0, "GIF89a")) {
    return image_format::gif;
  }
  if (view.says(0, "II*\0"sv) || view.says(0, "MM\0*"sv)) {
    return image_format::tiff;
  }
  return is_bmp(view) ? std::optional{image_format::bmp} : std::nullopt;
}

}  // namespace

result<image_format> detect_format(std::span<const std::byte> bytes) {
  const byte_view view{bytes};
  if (view.size() == 0) {
    return refusal("there are no bytes" + std::string{allowed_formats});
  }
  if (const auto format = detect_by_magic(view)) {
    return *format;
  }
  if (view.says(4, "ftyp")) {
    const heif_kind kind = detect_heif(bytes);
    if (kind.format) {
      return *kind.format;
    }
    return unread(kind.name);
  }
  for (const known_format& known : other_formats) {
    if (view.says(known.offset, known.magic)) {
      return unread(known.name);
    }
  }
  if (const auto name = name_of_text(bytes)) {
    return unread(*name);
  }
  return refusal(
      "no known picture begins with " + first_bytes(view) + std::string{allowed_formats}
  );
}

}  // namespace stayler::adapters
