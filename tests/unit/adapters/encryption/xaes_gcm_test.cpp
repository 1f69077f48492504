// SPDX-License-Identifier: MIT

#include "adapters/encryption/xaes_gcm.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace stayler::adapters;

namespace {

xaes_key key_of(unsigned char each) {
  xaes_key key{};
  key.fill(static_cast<std::byte>(each));
  return key;
}

std::string hex_of(const std::string& bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) & 0x0FU];
  }
  return hex;
}

constexpr std::string_view published_nonce = "ABCDEFGHIJKLMNOPQRSTUVWX";

}  // namespace

TEST_CASE("XAES-256-GCM encrypts as its specification's examples do") {
  CHECK(
      hex_of(xaes_encrypt(key_of(1), published_nonce, "", "XAES-256-GCM"))
      == "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"
  );
  // Of this key the first bit of the subkey is set.
  CHECK(
      hex_of(xaes_encrypt(key_of(3), published_nonce, "c2sp.org/XAES-256-GCM", "XAES-256-GCM"))
      == "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"
  );
}

TEST_CASE("what XAES-256-GCM has encrypted is read with the same key, nonce and context alone") {
  const std::string nonce(xaes_nonce_size, 'n');
  std::string other_nonce = nonce;
  other_nonce.front() = 'm';
  for (const std::string& plain : {std::string{}, std::string{"a"}, std::string(5'000, 'x')}) {
    const std::string made = xaes_encrypt(key_of(7), nonce, "context", plain);
    CHECK(made.size() == plain.size() + xaes_tag_size);
    CHECK(xaes_decrypt(key_of(7), nonce, "context", made) == plain);
    CHECK_FALSE(xaes_decrypt(key_of(8), nonce, "context", made));
    CHECK_FALSE(xaes_decrypt(key_of(7), other_nonce, "context", made));
    CHECK_FALSE(xaes_decrypt(key_of(7), nonce, "contexT", made));
    for (std::size_t size = 0; size < xaes_tag_size; ++size) {
      CHECK_FALSE(xaes_decrypt(key_of(7), nonce, "context", made.substr(0, size)));
    }
  }
}
