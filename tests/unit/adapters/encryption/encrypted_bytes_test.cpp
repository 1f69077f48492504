// SPDX-License-Identifier: MIT

#include "adapters/encryption/encrypted_bytes.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <limits>

using namespace stayler;
using namespace stayler::adapters;

namespace {

constexpr std::size_t piece = 64UL * 1024;

encryption_keys keys_of(const std::string& ids) {
  std::string list;
  for (const char id : ids) {
    std::string key(44, id);
    key.back() = '=';
    key[42] = 'A';
    list += (list.empty() ? "" : ",") + std::string{id} + ":" + key;
  }
  return encryption_keys::parse(list).value();
}

std::vector<std::byte> bytes_of(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  }
  return bytes;
}

std::string outcome(const result<std::vector<std::byte>>& read) {
  return read ? "read" : std::string{to_string(read.error().kind)};
}

}  // namespace

TEST_CASE("bytes of any size are the same after they were encrypted") {
  const auto keys = keys_of("a");
  for (const std::size_t size : {0UL, 1UL, piece - 1, piece, piece + 1, 3 * piece, 3 * piece + 9}) {
    INFO(size);
    const auto plain = bytes_of(size);
    const auto made = encrypt(keys, "name", plain);
    REQUIRE(made);
    CHECK(made->size() == encrypted_size(size));
    if (size >= 16) {
      const auto shown = std::span{plain}.first(16);
      CHECK(std::search(made->begin(), made->end(), shown.begin(), shown.end()) == made->end());
    }
    CHECK(decrypt(keys, "name", *made).value() == plain);
  }
}

TEST_CASE("the same bytes are encrypted in another way each time") {
  const auto keys = keys_of("a");
  CHECK(
      encrypt(keys, "name", bytes_of(100)).value() != encrypt(keys, "name", bytes_of(100)).value()
  );
}

TEST_CASE("a part is read from its pieces alone") {
  const auto keys = keys_of("a");
  const auto plain = bytes_of(3 * piece + 100);
  const auto made = encrypt(keys, "name", plain).value();
  const auto header = read_encryption_header(made).value();
  constexpr auto all = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t offset :
       {0UL, 1UL, piece - 1, piece, 2 * piece + 5, 3 * piece + 99, 3 * piece + 100, 4 * piece}) {
    for (const std::uint64_t count : {0UL, 1UL, 2UL, piece, piece + 1, all}) {
      INFO(offset << " " << count);
      const auto where = pieces_of(plain.size(), offset, count);
      REQUIRE(where.offset + where.count <= made.size());
      const auto part = decrypt_part(
          keys, "name", header, std::span{made}.subspan(where.offset, where.count), offset, count
      );
      REQUIRE(part);
      const auto begin = std::min<std::uint64_t>(offset, plain.size());
      const auto size = std::min<std::uint64_t>(count, plain.size() - begin);
      CHECK(std::ranges::equal(*part, std::span{plain}.subspan(begin, size)));
    }
  }
  CHECK(pieces_of(plain.size(), piece, 10).count == piece + 16);
}

TEST_CASE("a changed byte anywhere is found out before anything is given out") {
  const auto keys = keys_of("a");
  const auto made = encrypt(keys, "name", bytes_of(piece + 50)).value();
  for (std::size_t at = 0; at < made.size(); at += at < 80 ? 1 : 997) {
    auto changed = made;
    changed[at] ^= std::byte{1};
    INFO(at);
    // With another id it would be another key's, which is not there.
    CHECK(
        outcome(decrypt(keys, "name", changed))
        == (at == 8 || at == 9 ? "unavailable" : "internal_bug")
    );
  }
}

TEST_CASE("bytes that are cut off, moved, exchanged or under another name are found out") {
  const auto keys = keys_of("a");
  const auto made = encrypt(keys, "name", bytes_of(2 * piece)).value();
  for (const std::size_t size :
       {0UL, 8UL, 63UL, 64UL, 100UL, made.size() - piece, made.size() - 1}) {
    CHECK(outcome(decrypt(keys, "name", std::span{made}.first(size))) == "internal_bug");
  }
  auto longer = made;
  longer.resize(made.size() + 1);
  CHECK(outcome(decrypt(keys, "name", longer)) == "internal_bug");
  auto moved = made;
  std::rotate(moved.begin() + 64, moved.begin() + 64 + piece + 16, moved.end());
  CHECK(outcome(decrypt(keys, "name", moved)) == "internal_bug");
  CHECK(outcome(decrypt(keys, "another name", made)) == "internal_bug");
  CHECK(outcome(decrypt(keys, "name", bytes_of(1'000))) == "internal_bug");
  // A shorter form with a header that says so: the pieces are of the other header.
  auto shorter = std::vector(made.begin(), made.begin() + 64 + piece + 16);
  shorter[56] = std::byte{0};
  shorter[58] = std::byte{1};
  REQUIRE(encrypted_size(read_encryption_header(shorter)->plain_size()) == shorter.size());
  CHECK(outcome(decrypt(keys, "name", shorter)) == "internal_bug");
}

TEST_CASE("what was encrypted with an earlier key is read while that key is there") {
  const auto made = encrypt(keys_of("a"), "name", bytes_of(10)).value();
  CHECK(decrypt(keys_of("ba"), "name", made).value() == bytes_of(10));
  const auto lost = decrypt(keys_of("b"), "name", made);
  CHECK(outcome(lost) == "unavailable");
  CHECK(lost.error().message.find("WORKER_ENCRYPTION_KEYS lacks the key") == 0);
  CHECK(read_encryption_header(encrypt(keys_of("ba"), "name", {}).value())->key_id() == "b");
}
