// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

// By hand, and not with OpenSSL: see docs/decisions/0027-json-of-the-api.md.

namespace stayler::adapters {

/// The length of the standard base64 form, padding included, of so many bytes.
constexpr std::uint64_t base64_size(std::uint64_t bytes) noexcept {
  return (bytes + 2) / 3 * 4;
}

/// Writes the characters of the bytes' standard base64 form (RFC 4648, section 4) that start at
/// `position`, as many as there are or fit; returns how many. Any position may be asked for at any
/// time: nothing is kept between calls.
std::size_t base64_encode_at(
    std::span<const std::byte> bytes, std::uint64_t position, std::span<char> out
);

/// The bytes that a base64 text spells, in the standard or the URL-safe alphabet, with padding or
/// without it. Nothing where the text holds any other character, is cut short, or carries bits
/// beyond its last byte.
std::optional<std::vector<std::byte>> base64_decode(std::string_view text);

}  // namespace stayler::adapters
