// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace stayler::adapters {

/// Foreign bytes, read by position. Nothing is ever read past the end: a number that does not lie
/// wholly inside reads as 0, and `has` tells.
class byte_view {
 public:
  explicit byte_view(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  /// True where `count` bytes from `offset` on lie inside.
  [[nodiscard]] bool has(std::size_t offset, std::size_t count) const noexcept {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }

  [[nodiscard]] std::uint8_t u8(std::size_t offset) const noexcept {
    return has(offset, 1) ? static_cast<std::uint8_t>(bytes_[offset]) : std::uint8_t{0};
  }

  [[nodiscard]] std::uint32_t big(std::size_t offset, std::size_t count) const noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; has(offset, count) && i < count; ++i) {
      value = value << 8U | u8(offset + i);
    }
    return value;
  }

  [[nodiscard]] std::uint32_t little(std::size_t offset, std::size_t count) const noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = count; has(offset, count) && i > 0; --i) {
      value = value << 8U | u8(offset + i - 1);
    }
    return value;
  }

  /// True where that text stands at `offset`.
  [[nodiscard]] bool says(std::size_t offset, std::string_view text) const noexcept {
    if (!has(offset, text.size())) {
      return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (u8(offset + i) != static_cast<std::uint8_t>(text[i])) {
        return false;
      }
    }
    return true;
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace stayler::adapters
