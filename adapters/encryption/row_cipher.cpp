// SPDX-License-Identifier: MIT
#include "adapters/encryption/row_cipher.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/encryption/encrypted_bytes.hpp"
#include "adapters/encryption/octets.hpp"
#include "adapters/encryption/xaes_gcm.hpp"
#include "messages/base/random.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

namespace stayler::adapters {

namespace {

/// No value of the byte codec begins so.
constexpr char content_mark = '\2';
constexpr std::size_t siv_tag_size = 16;
constexpr std::string_view row_purpose = "stayler rows 1";
constexpr std::string_view pseudonym_key_place = "pseudonym key";

void need(bool has_worked) {
  if (!has_worked) {
    throw std::runtime_error{"the encryption library has failed"};
  }
}

/// The blobs' keys come from the same ones, in another way: neither tells the other.
xaes_key row_key_of(const encryption_key& from) {
  const std::string_view secret{
      reinterpret_cast<const char*>(from.bytes.data()), from.bytes.size()};
  const std::string extracted = hmac_sha256(std::string(32, '\0'), secret);
  const std::string derived = hmac_sha256(extracted, std::string{row_purpose} + '\1');
  xaes_key key{};
  std::memcpy(key.data(), derived.data(), key.size());
  return key;
}

/// What an encrypted content consists of.
struct content_parts {
  std::string_view key_id;
  std::string_view nonce;
  std::string_view encrypted;
};

std::optional<content_parts> split_content(std::string_view stored) {
  if (stored.size() < 2 || stored.front() != content_mark) {
    return std::nullopt;
  }
  const std::size_t key_id_size = static_cast<unsigned char>(stored[1]);
  const std::size_t begin = 2 + key_id_size + xaes_nonce_size;
  if (stored.size() < begin + xaes_tag_size) {
    return std::nullopt;
  }
  return content_parts{
      stored.substr(2, key_id_size), stored.substr(2 + key_id_size, xaes_nonce_size),
      stored.substr(begin)};
}

/// No two pairs of key id and place are joined to the same text.
std::string content_context(std::string_view key_id, std::string_view place) {
  std::string context{static_cast<char>(key_id.size())};
  return context.append(key_id).append(place);
}

std::string encrypt_content(
    std::string_view key_id, const xaes_key& key, std::string_view place, std::string_view content
) {
  std::array<char, xaes_nonce_size> random{};
  need(fill_random(std::as_writable_bytes(std::span{random})));
  const std::string_view nonce{random.data(), random.size()};
  std::string stored{content_mark};
  stored += static_cast<char>(key_id.size());
  stored.append(key_id).append(nonce);
  return stored += xaes_encrypt(key, nonce, content_context(key_id, place), content);
}

result<std::string> decrypt_content(
    const xaes_key* key, const content_parts& parts, std::string_view place
) {
  if (key == nullptr) {
    return key_is_missing(place);
  }
  auto plain =
      xaes_decrypt(*key, parts.nonce, content_context(parts.key_id, place), parts.encrypted);
  return plain ? result<std::string>{*std::move(plain)} : not_authentic(place);
}

}  // namespace

/// A context with its key, from which each call takes a copy: that costs a third of a new one.
struct row_cipher::siv_context {
  struct closer {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_CIPHER* known) const noexcept { EVP_CIPHER_free(known); }
  };
  using context = std::unique_ptr<EVP_CIPHER_CTX, closer>;

  explicit siv_context(const pseudonym_key& key)
      : cipher{EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr)}, base{EVP_CIPHER_CTX_new()} {
    const auto* const bytes = octets(key.data());
    need(
        cipher && base && EVP_EncryptInit_ex(base.get(), cipher.get(), nullptr, bytes, nullptr) > 0
    );
    decrypting.reset(EVP_CIPHER_CTX_new());
    need(
        decrypting != nullptr
        && EVP_DecryptInit_ex(decrypting.get(), cipher.get(), nullptr, bytes, nullptr) > 0
    );
  }

  static context copy_of(const context& from) {
    context copy{EVP_CIPHER_CTX_new()};
    need(copy && EVP_CIPHER_CTX_copy(copy.get(), from.get()) > 0);
    return copy;
  }

  std::unique_ptr<EVP_CIPHER, closer> cipher;
  context base;
  context decrypting;
};

row_cipher::row_cipher(const encryption_keys& keys, const pseudonym_key& pseudonyms)
    : pseudonyms_(std::make_shared<const siv_context>(pseudonyms)) {
  add_keys(keys);
}

row_cipher row_cipher::for_contents(const encryption_keys& keys) {
  row_cipher made;
  if (keys.are_set()) {
    made.add_keys(keys);
    made.takes_plain_ = keys.take_plain();
  }
  return made;
}

void row_cipher::add_keys(const encryption_keys& keys) {
  current_ = keys.current().id;
  for (const encryption_key& each : keys.all()) {
    keys_.emplace(each.id, row_key_of(each));
  }
}

std::string row_cipher::encrypt(std::string_view place, std::string_view content) const {
  return is_set() ? encrypt_content(current_, keys_.at(current_), place, content)
                  : std::string{content};
}

result<std::string> row_cipher::decrypt(std::string_view place, std::string_view stored) const {
  if (!is_set()) {
    return is_encrypted_content(stored) ? result<std::string>{key_is_missing(place)}
                                        : std::string{stored};
  }
  const auto parts = split_content(stored);
  if (!parts) {
    return takes_plain_ ? result<std::string>{std::string{stored}} : not_authentic(place);
  }
  const auto key = keys_.find(parts->key_id);
  return decrypt_content(key == keys_.end() ? nullptr : &key->second, *parts, place);
}

std::string row_cipher::pseudonym(std::string_view kind, std::string_view id) const {
  if (!is_set() || id.empty()) {
    return std::string{id};
  }
  const auto context = siv_context::copy_of(pseudonyms_->base);
  std::string made(siv_tag_size + id.size(), '\0');
  int length = 0;
  need(
      EVP_EncryptUpdate(
          context.get(), nullptr, &length, octets(kind), static_cast<int>(kind.size())
      ) > 0
      && EVP_EncryptUpdate(
             context.get(), octets(made) + siv_tag_size, &length, octets(id),
             static_cast<int>(id.size())
         ) > 0
      && EVP_EncryptFinal_ex(context.get(), octets(made) + made.size(), &length) > 0
      && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, siv_tag_size, made.data()) > 0
  );
  return base64_encode(made);
}

result<std::string> row_cipher::id_of(std::string_view kind, std::string_view pseudonym) const {
  if (!is_set() || pseudonym.empty()) {
    return std::string{pseudonym};
  }
  auto bytes = base64_decode(pseudonym);
  if (!bytes || bytes->size() <= siv_tag_size) {
    return not_authentic(kind);
  }
  const auto context = siv_context::copy_of(pseudonyms_->decrypting);
  const std::string_view encrypted{
      reinterpret_cast<const char*>(bytes->data()) + siv_tag_size, bytes->size() - siv_tag_size};
  std::string id(encrypted.size(), '\0');
  int length = 0;
  need(
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, siv_tag_size, bytes->data()) > 0
      && EVP_DecryptUpdate(
             context.get(), nullptr, &length, octets(kind), static_cast<int>(kind.size())
         ) > 0
  );
  const bool is_authentic =
      EVP_DecryptUpdate(
          context.get(), octets(id), &length, octets(encrypted), static_cast<int>(encrypted.size())
      )
      > 0;
  return is_authentic ? result<std::string>{std::move(id)} : not_authentic(kind);
}

bool row_cipher::is_current(std::string_view stored) const noexcept {
  const auto parts = split_content(stored);
  return parts && parts->key_id == current_;
}

bool is_encrypted_content(std::string_view stored) noexcept {
  return split_content(stored).has_value();
}

result<pseudonym_key> make_pseudonym_key() {
  pseudonym_key key{};
  if (!fill_random(key)) {
    return failure{error_class::internal_bug, "the system has no random bytes"};
  }
  return key;
}

std::string wrap_pseudonym_key(const encryption_keys& keys, const pseudonym_key& key) {
  const std::string_view bytes{reinterpret_cast<const char*>(key.data()), key.size()};
  return encrypt_content(keys.current().id, row_key_of(keys.current()), pseudonym_key_place, bytes);
}

result<pseudonym_key> unwrap_pseudonym_key(const encryption_keys& keys, std::string_view kept) {
  const auto parts = split_content(kept);
  if (!parts) {
    return not_authentic(pseudonym_key_place);
  }
  const encryption_key* const wrapped_by = keys.find(parts->key_id);
  const auto key = wrapped_by == nullptr ? std::nullopt : std::optional{row_key_of(*wrapped_by)};
  const auto bytes = decrypt_content(key ? &*key : nullptr, *parts, pseudonym_key_place);
  if (!bytes) {
    return bytes.error();
  }
  pseudonym_key unwrapped{};
  if (bytes->size() != unwrapped.size()) {
    return not_authentic(pseudonym_key_place);
  }
  std::memcpy(unwrapped.data(), bytes->data(), unwrapped.size());
  return unwrapped;
}

}  // namespace stayler::adapters
