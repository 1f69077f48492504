// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stayler::adapters {

inline constexpr std::size_t xaes_nonce_size = 24;
inline constexpr std::size_t xaes_tag_size = 16;

using xaes_key = std::array<std::byte, 32>;

/// AES-256-GCM with a nonce of 24 bytes, which may be random for as many messages as one likes: the
/// first half makes a key of its own (C2SP XAES-256-GCM). Returns the encrypted bytes and their
/// tag. Throws std::runtime_error where the library fails, which it does for want of memory alone.
std::string xaes_encrypt(
    const xaes_key& key, std::string_view nonce, std::string_view context, std::string_view plain
);

/// Nothing where the bytes are not what was encrypted with these.
std::optional<std::string> xaes_decrypt(
    const xaes_key& key,
    std::string_view nonce,
    std::string_view context,
    std::string_view encrypted
);

}  // namespace stayler::adapters
