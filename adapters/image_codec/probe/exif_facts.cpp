// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/exif_facts.hpp"

#include "adapters/image_codec/probe/formats/tiff_directory.hpp"

#include <string_view>

namespace stayler::adapters {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view exif_prefix = "Exif\0\0"sv;

constexpr std::uint16_t orientation_tag = 0x0112;
constexpr std::uint16_t exif_directory_tag = 0x8769;
constexpr std::uint16_t color_space_tag = 0xA001;
constexpr std::uint16_t interoperability_directory_tag = 0xA005;
constexpr std::uint16_t interoperability_index_tag = 0x0001;

constexpr std::uint32_t uncalibrated = 0xFFFF;

}  // namespace

exif_facts read_exif(std::span<const std::byte> block) noexcept {
  const bool has_prefix = byte_view{block}.says(0, exif_prefix);
  const tiff_structure exif{has_prefix ? block.subspan(exif_prefix.size()) : block};
  exif_facts facts;
  const std::size_t main = exif.first_directory();
  const auto number = exif.value(main, orientation_tag).value_or(1);
  if (number >= 1 && number <= 8) {
    facts.lies = static_cast<orientation>(number);
  }
  const auto details = exif.value(main, exif_directory_tag);
  if (!details) {
    return facts;
  }
  facts.is_uncalibrated = exif.value(*details, color_space_tag) == uncalibrated;
  const auto interoperability = exif.value(*details, interoperability_directory_tag);
  facts.is_adobe_rgb = facts.is_uncalibrated && interoperability
                       && exif.says(*interoperability, interoperability_index_tag, "R03");
  return facts;
}

}  // namespace stayler::adapters
