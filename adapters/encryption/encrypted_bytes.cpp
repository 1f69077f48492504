// SPDX-License-Identifier: MIT
#include "adapters/encryption/encrypted_bytes.hpp"

#include "adapters/encryption/octets.hpp"
#include "messages/base/random.hpp"

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

namespace stayler::adapters {

namespace {

constexpr std::string_view magic{"STAYLER\1", 8};
constexpr std::size_t id_at = 8;
constexpr std::size_t id_size = 16;
constexpr std::size_t salt_at = id_at + id_size;
constexpr std::size_t salt_size = 32;
constexpr std::size_t length_at = salt_at + salt_size;
constexpr std::size_t piece_size = 64UL * 1024;
constexpr std::size_t tag_size = 16;
constexpr std::size_t nonce_size = 12;
constexpr std::string_view purpose = "stayler encrypted bytes 1";

using derived_key = std::array<unsigned char, 32>;

struct context_closer {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, context_closer>;
using derivation_context = std::unique_ptr<EVP_PKEY_CTX, context_closer>;

failure library_failed() {
  return {error_class::internal_bug, "the encryption library has failed"};
}

std::uint64_t piece_count(std::uint64_t plain_size) noexcept {
  return plain_size == 0 ? 1 : (plain_size - 1) / piece_size + 1;
}

std::optional<derived_key> derive_key(const encryption_key& from, const encryption_header& header) {
  const derivation_context context{EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr)};
  derived_key key{};
  std::size_t size = key.size();
  const bool is_derived =
      context && EVP_PKEY_derive_init(context.get()) > 0
      && EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) > 0
      && EVP_PKEY_CTX_set1_hkdf_salt(
             context.get(), octets(header.bytes.data() + salt_at), static_cast<int>(salt_size)
         ) > 0
      && EVP_PKEY_CTX_set1_hkdf_key(
             context.get(), octets(from.bytes.data()), static_cast<int>(from.bytes.size())
         ) > 0
      && EVP_PKEY_CTX_add1_hkdf_info(
             context.get(), octets(purpose), static_cast<int>(purpose.size())
         ) > 0
      && EVP_PKEY_derive(context.get(), key.data(), &size) > 0;
  return is_derived ? std::optional{key} : std::nullopt;
}

/// Encrypts or decrypts the numbered pieces of one name's bytes.
class piece_cipher {
 public:
  piece_cipher(const derived_key& key, const encryption_header& header, std::string_view name)
      : key_(key), header_(header), name_(name), context_(EVP_CIPHER_CTX_new()) {}

  bool encrypt(std::uint64_t number, std::span<const std::byte> plain, std::span<std::byte> out)
      const {
    int length = 0;
    return start(number, 1)
           && EVP_CipherUpdate(
                  context_.get(), octets(out.data()), &length, octets(plain.data()),
                  static_cast<int>(plain.size())
              ) > 0
           && EVP_CipherFinal_ex(context_.get(), octets(out.data()) + length, &length) > 0
           && EVP_CIPHER_CTX_ctrl(
                  context_.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, out.data() + plain.size()
              ) > 0;
  }

  /// `piece` ends with its tag.
  bool decrypt(std::uint64_t number, std::span<const std::byte> piece, std::byte* out) const {
    const auto size = piece.size() - tag_size;
    std::array<std::byte, tag_size> tag{};
    std::ranges::copy(piece.subspan(size), tag.begin());
    int length = 0;
    return start(number, 0)
           && EVP_CipherUpdate(
                  context_.get(), octets(out), &length, octets(piece.data()), static_cast<int>(size)
              ) > 0
           && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) > 0
           && EVP_CipherFinal_ex(context_.get(), octets(out) + length, &length) > 0;
  }

 private:
  [[nodiscard]] bool start(std::uint64_t number, int encrypts) const {
    // No nonce is ever used twice: the key is this name's alone.
    std::array<unsigned char, nonce_size> nonce{};
    for (std::size_t i = 0; i < sizeof number; ++i) {
      nonce[i] = static_cast<unsigned char>(number >> (8 * i));
    }
    int length = 0;
    return context_
           && EVP_CipherInit_ex(
                  context_.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce.data(), encrypts
              ) > 0
           && EVP_CipherUpdate(
                  context_.get(), nullptr, &length, octets(header_.bytes.data()),
                  static_cast<int>(header_.bytes.size())
              ) > 0
           && EVP_CipherUpdate(
                  context_.get(), nullptr, &length, octets(name_), static_cast<int>(name_.size())
              ) > 0;
  }

  derived_key key_;
  const encryption_header& header_;
  std::string_view name_;
  cipher_context context_;
};

std::optional<encryption_header> make_header(const encryption_key& key, std::uint64_t plain_size) {
  encryption_header header;
  auto* const bytes = header.bytes.data();
  std::memcpy(bytes, magic.data(), magic.size());
  std::memcpy(bytes + id_at, key.id.data(), key.id.size());
  for (std::size_t i = 0; i < sizeof plain_size; ++i) {
    header.bytes[length_at + i] = static_cast<std::byte>(plain_size >> (8 * i));
  }
  const bool has_salt = fill_random(std::span{header.bytes}.subspan(salt_at, salt_size));
  return has_salt ? std::optional{header} : std::nullopt;
}

}  // namespace

std::string_view encryption_header::key_id() const {
  const std::string_view padded{reinterpret_cast<const char*>(bytes.data()) + id_at, id_size};
  return padded.substr(0, padded.find('\0'));
}

std::uint64_t encryption_header::plain_size() const {
  std::uint64_t size = 0;
  for (std::size_t i = sizeof size; i-- > 0;) {
    size = size << 8U | static_cast<std::uint64_t>(bytes[length_at + i]);
  }
  return size;
}

bool begins_encrypted(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

std::optional<encryption_header> read_encryption_header(std::span<const std::byte> bytes) {
  if (bytes.size() < encryption_header_size || !begins_encrypted(bytes)) {
    return std::nullopt;
  }
  encryption_header header;
  std::ranges::copy(bytes.first(encryption_header_size), header.bytes.begin());
  return header;
}

std::uint64_t encrypted_size(std::uint64_t plain_size) noexcept {
  return encryption_header_size + plain_size + piece_count(plain_size) * tag_size;
}

encrypted_range pieces_of(std::uint64_t plain_size, std::uint64_t offset, std::uint64_t count) {
  const std::uint64_t begin = std::min(offset, plain_size);
  const std::uint64_t end = begin + std::min(count, plain_size - begin);
  const std::uint64_t last = piece_count(plain_size) - 1;
  const std::uint64_t first_piece = std::min(begin / piece_size, last);
  const std::uint64_t last_piece = end > begin ? (end - 1) / piece_size : first_piece;
  constexpr std::uint64_t stored_piece = piece_size + tag_size;
  const std::uint64_t stored_end = std::min(
      (last_piece + 1) * stored_piece, encrypted_size(plain_size) - encryption_header_size
  );
  return {
      encryption_header_size + first_piece * stored_piece, stored_end - first_piece * stored_piece};
}

failure key_is_missing(std::string_view name) {
  return {
      error_class::unavailable,
      "WORKER_ENCRYPTION_KEYS lacks the key with which " + std::string{name} + " is encrypted"};
}

failure not_authentic(std::string_view name) {
  return {
      error_class::internal_bug,
      "what is stored as " + std::string{name}
          + " is not what was stored there: it was changed, cut off or exchanged"};
}

result<std::vector<std::byte>> encrypt(
    const encryption_keys& keys, std::string_view name, std::span<const std::byte> plain
) {
  const auto header = make_header(keys.current(), plain.size());
  const auto key = header ? derive_key(keys.current(), *header) : std::nullopt;
  if (!key) {
    return library_failed();
  }
  std::vector<std::byte> made(encrypted_size(plain.size()));
  std::ranges::copy(header->bytes, made.begin());
  const piece_cipher cipher{*key, *header, name};
  std::span<std::byte> out = std::span{made}.subspan(encryption_header_size);
  for (std::uint64_t number = 0; number < piece_count(header->plain_size()); ++number) {
    const auto piece = plain.first(std::min(piece_size, plain.size()));
    if (!cipher.encrypt(number, piece, out)) {
      return library_failed();
    }
    plain = plain.subspan(piece.size());
    out = out.subspan(piece.size() + tag_size);
  }
  return made;
}

result<std::vector<std::byte>> decrypt_part(
    const encryption_keys& keys,
    std::string_view name,
    const encryption_header& header,
    std::span<const std::byte> pieces,
    std::uint64_t offset,
    std::uint64_t count
) {
  const encryption_key* const from = keys.find(header.key_id());
  if (from == nullptr) {
    return key_is_missing(name);
  }
  const auto where = pieces_of(header.plain_size(), offset, count);
  const auto key = derive_key(*from, header);
  if (!key) {
    return library_failed();
  }
  if (pieces.size() != where.count) {
    return not_authentic(name);
  }
  const piece_cipher cipher{*key, header, name};
  constexpr std::size_t stored_piece = piece_size + tag_size;
  const std::uint64_t first = (where.offset - encryption_header_size) / stored_piece;
  std::vector<std::byte> plain(pieces.size() / stored_piece * piece_size + piece_size);
  std::size_t filled = 0;
  for (std::uint64_t number = first; !pieces.empty(); ++number) {
    const auto piece = pieces.first(std::min(stored_piece, pieces.size()));
    if (piece.size() < tag_size || !cipher.decrypt(number, piece, plain.data() + filled)) {
      return not_authentic(name);
    }
    filled += piece.size() - tag_size;
    pieces = pieces.subspan(piece.size());
  }
  const std::size_t skipped = std::min<std::uint64_t>(offset - first * piece_size, filled);
  plain.resize(skipped + std::min<std::uint64_t>(count, filled - skipped));
  plain.erase(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(skipped));
  return plain;
}

result<std::vector<std::byte>> decrypt(
    const encryption_keys& keys, std::string_view name, std::span<const std::byte> encrypted
) {
  const auto header = read_encryption_header(encrypted);
  if (!header || header->plain_size() > encrypted.size()
      || encrypted_size(header->plain_size()) != encrypted.size()) {
    return not_authentic(name);
  }
  const auto pieces = encrypted.subspan(encryption_header_size);
  return decrypt_part(keys, name, *header, pieces, 0, header->plain_size());
}

}  // namespace stayler::adapters
