// SPDX-License-Identifier: MIT
#include "adapters/image_codec/probe/formats/tiff_directory.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t field_bytes = 12;
constexpr std::size_t most_fields = 4'096;

/// Bytes of one value of that type; 0 for types that hold no whole number or text.
std::size_t value_bytes(std::uint16_t type) noexcept {
  switch (type) {
    case 1:  // BYTE
    case 2:  // ASCII
      return 1;
    case 3:  // SHORT
      return 2;
    case 4:  // LONG
      return 4;
    default:
      return 0;
  }
}

}  // namespace

tiff_structure::tiff_structure(std::span<const std::byte> bytes) noexcept
    : view_(bytes),
      is_little_(view_.says(0, "II*\0"sv)),
      is_valid_(is_little_ || view_.says(0, "MM\0*"sv)) {}

std::optional<tiff_structure::field> tiff_structure::find(std::size_t directory, std::uint16_t tag)
    const noexcept {
  if (!is_valid_ || !view_.has(directory, 2)) {
    return std::nullopt;
  }
  const std::size_t fields = std::min<std::size_t>(number(directory, 2), most_fields);
  for (std::size_t i = 0; i < fields; ++i) {
    const std::size_t at = directory + 2 + i * field_bytes;
    if (!view_.has(at, field_bytes)) {
      break;
    }
    if (number(at, 2) != tag) {
      continue;
    }
    field found;
    found.type = static_cast<std::uint16_t>(number(at + 2, 2));
    found.count = number(at + 4, 4);
    // Values of up to four bytes in all stand in the place of their offset.
    const bool is_inline = std::uint64_t{found.count} * value_bytes(found.type) <= 4;
    found.values = is_inline ? at + 8 : number(at + 8, 4);
    return found;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> tiff_structure::value(const field& of, std::size_t index)
    const noexcept {
  const std::size_t bytes = value_bytes(of.type);
  const std::size_t offset = of.values + index * bytes;
  if (bytes == 0 || of.type == 2 || index >= of.count || !view_.has(offset, bytes)) {
    return std::nullopt;
  }
  return number(offset, bytes);
}

std::optional<std::uint32_t> tiff_structure::value(std::size_t directory, std::uint16_t tag)
    const noexcept {
  const auto found = find(directory, tag);
  return found ? value(*found) : std::nullopt;
}

bool tiff_structure::says(std::size_t directory, std::uint16_t tag, std::string_view text)
    const noexcept {
  const auto found = find(directory, tag);
  return found && found->count >= text.size() && view_.says(found->values, text);
}

}  // namespace stayler::adapters
