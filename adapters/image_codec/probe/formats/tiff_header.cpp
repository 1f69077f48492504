// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/formats/tiff_header.hpp"

#include "adapters/image_codec/probe/formats/tiff_directory.hpp"
#include "adapters/image_codec/probe/refusal.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace stayler::adapters {

namespace {

// Tags of TIFF 6.0, and two of cameras.
constexpr std::uint16_t kind_of_page_tag = 0x00FE;
constexpr std::uint16_t width_tag = 0x0100;
constexpr std::uint16_t height_tag = 0x0101;
constexpr std::uint16_t bits_tag = 0x0102;
constexpr std::uint16_t compression_tag = 0x0103;
constexpr std::uint16_t photometric_tag = 0x0106;
constexpr std::uint16_t strip_offsets_tag = 0x0111;
constexpr std::uint16_t page_orientation_tag = 0x0112;
constexpr std::uint16_t samples_tag = 0x0115;
constexpr std::uint16_t strip_bytes_tag = 0x0117;
constexpr std::uint16_t tile_width_tag = 0x0142;
constexpr std::uint16_t more_pages_tag = 0x014A;
constexpr std::uint16_t sample_format_tag = 0x0153;
constexpr std::uint16_t dng_version_tag = 0xC612;

constexpr std::uint32_t most_samples = 4;
constexpr std::size_t most_strips = 100'000;

template <std::size_t Size>
bool is_one_of(const std::array<std::uint32_t, Size>& known, std::uint32_t number) noexcept {
  return std::ranges::find(known, number) != known.end();
}

class tiff_page {
 public:
  explicit tiff_page(std::span<const std::byte> bytes) noexcept
      : size_(bytes.size()), view_(bytes), file_(bytes), page_(file_.first_directory()) {}

  [[nodiscard]] result<image_header> read() const {
    if (is_raw()) {
      return refusal(
          "this is a raw file of a camera; allowed: JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP, TIFF"
      );
    }
    const auto width = file_.value(page_, width_tag);
    const auto height = file_.value(page_, height_tag);
    if (!width || !height) {
      return header_refusal("TIFF", "is cut off before it tells width and height");
    }
    if (*width == 0 || *height == 0) {
      return empty_picture_refusal(*width, *height);
    }
    if (auto read = check_pixels(); !read) {
      return std::move(read).error();
    }
    if (auto whole = check_strips(); !whole) {
      return std::move(whole).error();
    }
    const auto lies = number(page_orientation_tag, 1);
    return header_of(
        image_format::tiff, *width, *height,
        lies >= 1 && lies <= 8 ? static_cast<orientation>(lies) : orientation::upright
    );
  }

 private:
  [[nodiscard]] std::uint32_t number(std::uint16_t tag, std::uint32_t otherwise) const noexcept {
    return file_.value(page_, tag).value_or(otherwise);
  }

  /// DNG, Canon's CR2, and those whose first page is a small preview or has a camera's pixels.
  [[nodiscard]] bool is_raw() const noexcept {
    constexpr std::array<std::uint32_t, 2> camera_pixels{32'803, 34'892};  // colour filter, linear
    constexpr std::array<std::uint32_t, 5> camera_compressions{
        32'767, 32'769, 32'770, 34'713, 65'535};
    const bool is_preview = (number(kind_of_page_tag, 0) & 1U) != 0;
    return file_.find(page_, dng_version_tag) || view_.says(8, "CR\2")
           || is_one_of(camera_pixels, number(photometric_tag, 0))
           || is_one_of(camera_compressions, number(compression_tag, 1))
           || (is_preview && file_.find(page_, more_pages_tag));
  }

  [[nodiscard]] void_result check_pixels() const {
    constexpr std::array<std::uint32_t, 6> known_compressions{1, 5, 7, 8, 32'773, 32'946};
    constexpr std::array<std::uint32_t, 5> known_colours{0, 1, 2, 3, 5};
    constexpr std::uint32_t ycbcr = 6;
    const std::uint32_t compression = number(compression_tag, 1);
    if (!is_one_of(known_compressions, compression)) {
      return refusal(
          "the TIFF picture uses a kind of compression that is not read: "
          + std::to_string(compression) + "; allowed: none, LZW, Deflate, PackBits, JPEG"
      );
    }
    const std::uint32_t colours = number(photometric_tag, 2);
    if (!is_one_of(known_colours, colours) && colours != ycbcr) {
      return refusal(
          "the TIFF picture has colours of a kind that is not read: " + std::to_string(colours)
          + "; allowed: grey, palette, RGB, CMYK, YCbCr"
      );
    }
    if (file_.find(page_, tile_width_tag)) {
      return refusal("the TIFF picture is made of tiles; allowed: strips");
    }
    return check_samples();
  }

  [[nodiscard]] void_result check_samples() const {
    constexpr std::array<std::uint32_t, 5> known_bits{1, 2, 4, 8, 16};
    const std::uint32_t samples = number(samples_tag, 1);
    const std::uint32_t bits = number(bits_tag, 1);
    const bool is_whole_number = number(sample_format_tag, 1) == 1;
    if (samples < 1 || samples > most_samples || !is_one_of(known_bits, bits)
        || (samples > 1 && bits < 8) || !is_whole_number) {
      return refusal(
          "the TIFF picture has " + std::to_string(samples) + " samples of " + std::to_string(bits)
          + (is_whole_number ? " bits" : " bits that are no whole numbers")
          + "; allowed: 1 to 4 of 8 or 16 bits, or one of 1, 2 or 4"
      );
    }
    return ok();
  }

  /// Each strip has to lie in the file: one that claims gigabytes is a bomb.
  [[nodiscard]] void_result check_strips() const {
    const auto offsets = file_.find(page_, strip_offsets_tag);
    const auto lengths = file_.find(page_, strip_bytes_tag);
    if (!offsets || !lengths || offsets->count != lengths->count || offsets->count == 0
        || offsets->count > most_strips) {
      return header_refusal("TIFF", "does not tell where its strips are");
    }
    for (std::size_t i = 0; i < offsets->count; ++i) {
      const auto offset = file_.value(*offsets, i);
      const auto length = file_.value(*lengths, i);
      if (!offset || !length || std::uint64_t{*offset} + *length > size_) {
        return cut_off_refusal("TIFF", size_);
      }
    }
    return ok();
  }

  std::size_t size_;
  byte_view view_;
  tiff_structure file_;
  std::size_t page_;
};

}  // namespace

result<image_header> read_tiff(std::span<const std::byte> bytes) {
  return tiff_page{bytes}.read();
}

}  // namespace stayler::adapters
