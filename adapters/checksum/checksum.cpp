// SPDX-License-Identifier: MIT
#include "adapters/checksum/checksum.hpp"

#include "messages/base/text.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <new>

namespace stayler::adapters {

struct sha256_hasher::context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

sha256_hasher::sha256_hasher() : context_(std::make_unique<context>()) {
  if (EVP_DigestInit_ex(context_->state.get(), EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc{};  // nothing else can be wrong here
  }
}

sha256_hasher::~sha256_hasher() = default;

sha256_hasher& sha256_hasher::add(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(context_->state.get(), bytes.data(), bytes.size());
  return *this;
}

sha256_digest sha256_hasher::digest() {
  sha256_digest digest{};
  EVP_DigestFinal_ex(context_->state.get(), digest.data(), nullptr);
  return digest;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return to_hex(digest);
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  unsigned length = 0;
  HMAC(
      EVP_sha256(), key.data(), static_cast<int>(key.size()),
      reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(), &length
  );
  return {reinterpret_cast<const char*>(digest.data()), length};
}

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
  std::string text;
  for (const char byte : hmac_sha256(key, message)) {
    append_hex(text, static_cast<std::uint8_t>(byte));
  }
  return text;
}

bool equal_in_constant_time(std::string_view one, std::string_view other) noexcept {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string base64_encode(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(text.data()),
      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size())
  );
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace stayler::adapters
