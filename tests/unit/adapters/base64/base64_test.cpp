// SPDX-License-Identifier: MIT
#include "adapters/base64/base64.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>

namespace stayler::adapters {

namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) {
    return static_cast<std::byte>(c);
  });
  return bytes;
}

std::string encode(std::span<const std::byte> bytes, std::size_t step) {
  std::string text;
  std::string buffer(step, '?');
  while (const auto count = base64_encode_at(bytes, text.size(), buffer)) {
    text.append(buffer, 0, count);
  }
  return text;
}

struct vector_row {
  std::string_view plain;
  std::string_view text;
};

// RFC 4648, section 10.
constexpr vector_row rfc_vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

}  // namespace

TEST_CASE("the RFC's vectors encode and decode, whatever the size of the buffer") {
  for (const auto& row : rfc_vectors) {
    INFO(row.plain);
    const auto bytes = bytes_of(row.plain);
    CHECK(base64_size(bytes.size()) == row.text.size());
    for (std::size_t step = 1; step < 12; ++step) {
      CHECK(encode(bytes, step) == row.text);
    }
    CHECK(base64_decode(row.text) == bytes);
  }
}

TEST_CASE("every byte value survives the way there and back, in either alphabet") {
  std::vector<std::byte> bytes(256);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i);
  }
  auto text = encode(bytes, 7);
  CHECK(text.find('+') != std::string::npos);
  CHECK(text.find('/') != std::string::npos);
  CHECK(base64_decode(text) == bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  CHECK(base64_decode(text) == bytes);
}

TEST_CASE("base64 without its padding is complete") {
  CHECK(base64_decode("Zg") == bytes_of("f"));
  CHECK(base64_decode("Zm8") == bytes_of("fo"));
}

TEST_CASE("what is not base64 is refused") {
  for (const std::string_view text :
       {"A", "Zg=", "Zg===", "=Zg=", "====", "Zm9v!", "Zm 9v", "Zm9v\n",
        "Zm9vYg==Zg==", "Zh==", "Zm9=", "Zm9\xC3", "data:image/png;base64,Zm9v"}) {
    INFO(text);
    CHECK_FALSE(base64_decode(text).has_value());
  }
}

}  // namespace stayler::adapters
