// SPDX-License-Identifier: MIT
#include "adapters/encryption/xaes_gcm.hpp"

#include "adapters/encryption/octets.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace stayler::adapters {

namespace {

using xaes_block = std::array<unsigned char, 16>;

struct xaes_closer {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

/// One for each thread: making one takes longer than encrypting a row.
EVP_CIPHER_CTX* xaes_context() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, xaes_closer> context{EVP_CIPHER_CTX_new()};
  return context.get();
}

[[noreturn]] void xaes_failed() {
  throw std::runtime_error{"the encryption library has failed"};
}

void require(bool has_worked) {
  if (!has_worked) {
    xaes_failed();
  }
}

/// Doubles in GF(2^128), as CMAC does for its first subkey.
void double_block(xaes_block& block) {
  const bool carries = (block.front() & 0x80U) != 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const unsigned next = i + 1 < block.size() ? block[i + 1] : 0U;
    block[i] = static_cast<unsigned char>((unsigned{block[i]} << 1U) | (next >> 7U));
  }
  block.back() ^= carries ? 0x87U : 0U;
}

/// The key of one nonce: CMAC in counter mode over the nonce's first half.
std::array<unsigned char, 32> derive_message_key(const xaes_key& key, std::string_view nonce) {
  auto* const context = xaes_context();
  int length = 0;
  xaes_block subkey{};
  require(
      context != nullptr
      && EVP_EncryptInit_ex(context, EVP_aes_256_ecb(), nullptr, octets(key.data()), nullptr) > 0
      && EVP_CIPHER_CTX_set_padding(context, 0) > 0
      && EVP_EncryptUpdate(context, subkey.data(), &length, subkey.data(), 16) > 0
  );
  double_block(subkey);
  std::array<unsigned char, 32> blocks{};
  for (std::size_t counter = 0; counter < 2; ++counter) {
    unsigned char* const block = blocks.data() + counter * 16;
    block[1] = static_cast<unsigned char>(counter + 1);
    block[2] = 'X';
    std::copy_n(octets(nonce), 12, block + 4);
    for (std::size_t i = 0; i < subkey.size(); ++i) {
      block[i] ^= subkey[i];
    }
  }
  require(EVP_EncryptUpdate(context, blocks.data(), &length, blocks.data(), 32) > 0);
  return blocks;
}

/// The thread's context, ready for the bytes of one message.
EVP_CIPHER_CTX* begin_message(
    const xaes_key& key, std::string_view nonce, std::string_view context, int encrypts
) {
  const auto derived = derive_message_key(key, nonce);
  auto* const cipher = xaes_context();
  int length = 0;
  require(
      EVP_CipherInit_ex(
          cipher, EVP_aes_256_gcm(), nullptr, derived.data(), octets(nonce) + 12, encrypts
      ) > 0
      && EVP_CipherUpdate(
             cipher, nullptr, &length, octets(context), static_cast<int>(context.size())
         ) > 0
  );
  return cipher;
}

}  // namespace

std::string xaes_encrypt(
    const xaes_key& key, std::string_view nonce, std::string_view context, std::string_view plain
) {
  auto* const cipher = begin_message(key, nonce, context, 1);
  std::string made(plain.size() + xaes_tag_size, '\0');
  int length = 0;
  require(
      EVP_CipherUpdate(cipher, octets(made), &length, octets(plain), static_cast<int>(plain.size()))
          > 0
      && EVP_CipherFinal_ex(cipher, octets(made) + length, &length) > 0
      && EVP_CIPHER_CTX_ctrl(
             cipher, EVP_CTRL_AEAD_GET_TAG, xaes_tag_size, made.data() + plain.size()
         ) > 0
  );
  return made;
}

std::optional<std::string> xaes_decrypt(
    const xaes_key& key,
    std::string_view nonce,
    std::string_view context,
    std::string_view encrypted
) {
  if (encrypted.size() < xaes_tag_size) {
    return std::nullopt;
  }
  auto* const cipher = begin_message(key, nonce, context, 0);
  const std::size_t size = encrypted.size() - xaes_tag_size;
  std::array<unsigned char, xaes_tag_size> tag{};
  std::copy_n(octets(encrypted) + size, tag.size(), tag.begin());
  std::string plain(size, '\0');
  int length = 0;
  require(
      EVP_CipherUpdate(cipher, octets(plain), &length, octets(encrypted), static_cast<int>(size))
          > 0
      && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, xaes_tag_size, tag.data()) > 0
  );
  const bool is_authentic = EVP_CipherFinal_ex(cipher, octets(plain) + length, &length) > 0;
  return is_authentic ? std::optional{std::move(plain)} : std::nullopt;
}

}  // namespace stayler::adapters
