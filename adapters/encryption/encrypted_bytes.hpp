// SPDX-License-Identifier: MIT
#pragma once

// The form in which bytes are kept encrypted: a header, then pieces of 64 KiB, each encrypted with
// AES-256-GCM and followed by its tag, so that any part can be read without the rest. Each name's
// bytes have a key of their own, derived from one of encryption_keys and a random salt, and the
// pieces are numbered; the header and the name are authenticated with each piece. So a changed,
// removed or reordered piece, a cut-off end, a piece or header of other bytes, and other bytes
// under that name are all found out.
//
//   header, 64 bytes: "STAYLER\1", the key's id (16, padded with zeros), the salt (32), the number
//   of bytes (8, lowest first)
//
// Sources: HKDF, RFC 5869; GCM, NIST SP 800-38D; the construction is that of Tink's "AES-GCM-HKDF
// Streaming AEAD", with the number of bytes in the header in place of a mark on the last piece.

#include "adapters/encryption/encryption_keys.hpp"
#include "messages/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace stayler::adapters {

inline constexpr std::size_t encryption_header_size = 64;

/// What the header of encrypted bytes says. Not authenticated before a piece was decrypted with it.
struct encryption_header {
  std::array<std::byte, encryption_header_size> bytes{};
  std::string_view key_id() const;
  [[nodiscard]] std::uint64_t plain_size() const;
};

/// True where the bytes begin as a header does, at least by its mark of eight bytes.
bool begins_encrypted(std::span<const std::byte> bytes) noexcept;

/// Nothing where the bytes do not begin with a header.
std::optional<encryption_header> read_encryption_header(std::span<const std::byte> bytes);

/// How long the encrypted form of so many bytes is.
std::uint64_t encrypted_size(std::uint64_t plain_size) noexcept;

/// Where a part of the encrypted form lies.
struct encrypted_range {
  std::uint64_t offset = 0;
  std::uint64_t count = 0;
};

/// The pieces that hold these bytes, one at least: also an empty part is authenticated.
encrypted_range pieces_of(std::uint64_t plain_size, std::uint64_t offset, std::uint64_t count);

/// The encrypted form under that name, with the current key. internal_bug where the library fails.
result<std::vector<std::byte>> encrypt(
    const encryption_keys& keys, std::string_view name, std::span<const std::byte> plain
);

/// The bytes from `offset` on, `count` or up to their end, out of the pieces that pieces_of() says.
/// internal_bug where these are not what was encrypted under that name; unavailable where its key
/// is not among the keys.
result<std::vector<std::byte>> decrypt_part(
    const encryption_keys& keys,
    std::string_view name,
    const encryption_header& header,
    std::span<const std::byte> pieces,
    std::uint64_t offset,
    std::uint64_t count
);

/// All bytes of a whole encrypted form; errors as of decrypt_part().
result<std::vector<std::byte>> decrypt(
    const encryption_keys& keys, std::string_view name, std::span<const std::byte> encrypted
);

/// What is said of bytes whose encryption key is not among the keys: unavailable, as it may be put
/// back.
failure key_is_missing(std::string_view name);

/// What is said of bytes that are not what was stored under that name.
failure not_authentic(std::string_view name);

}  // namespace stayler::adapters
