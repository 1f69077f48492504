// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/probe/byte_view.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace stayler::adapters {

/// Reads the directories of a TIFF structure (TIFF 6.0, section 2), which TIFF files and EXIF
/// blocks share, in either byte order. Offsets that lead outside read as nothing.
class tiff_structure {
 public:
  /// A field of a directory.
  struct field {
    std::uint16_t type = 0;
    std::uint32_t count = 0;
    std::size_t values = 0;  ///< offset of the first value
  };

  explicit tiff_structure(std::span<const std::byte> bytes) noexcept;

  /// Whether the bytes begin with a byte order and TIFF's number.
  [[nodiscard]] bool is_valid() const noexcept { return is_valid_; }

  /// The offset of the first directory.
  [[nodiscard]] std::size_t first_directory() const noexcept { return number(4, 4); }

  /// The field of that tag in the directory at that offset. Directories of more than 4,096 fields
  /// are read no further.
  [[nodiscard]] std::optional<field> find(std::size_t directory, std::uint16_t tag) const noexcept;

  /// One whole number of a field (types BYTE, SHORT and LONG), or nothing.
  [[nodiscard]] std::optional<std::uint32_t> value(const field& of, std::size_t index = 0)
      const noexcept;

  /// The first whole number of the field of that tag, or nothing.
  [[nodiscard]] std::optional<std::uint32_t> value(std::size_t directory, std::uint16_t tag)
      const noexcept;

  /// Whether the field of that tag begins with these characters.
  [[nodiscard]] bool says(std::size_t directory, std::uint16_t tag, std::string_view text)
      const noexcept;

 private:
  [[nodiscard]] std::uint32_t number(std::size_t offset, std::size_t bytes) const noexcept {
    return is_little_ ? view_.little(offset, bytes) : view_.big(offset, bytes);
  }

  byte_view view_;
  bool is_little_;
  bool is_valid_;
};

}  // namespace stayler::adapters
