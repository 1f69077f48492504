// SPDX-License-Identifier: MIT

// What parsers share: each function at its edges, and beyond ASCII.

#include "messages/base/text.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace stayler {

namespace {

std::vector<std::string_view> parts_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    parts.push_back(take_until(text, separators));
  }
  return parts;
}

}  // namespace

TEST_CASE("only ASCII letters have a case") {
  CHECK(to_lower("Content-TYPE @[`{ \xC3\x84") == "content-type @[`{ \xC3\x84");
  CHECK(to_upper("low_Memory @[`{ \xC3\xA4") == "LOW_MEMORY @[`{ \xC3\xA4");
}

TEST_CASE("texts are compared without regard to case") {
  CHECK(equals_ignoring_case("Bearer", "bEARER"));
  CHECK(equals_ignoring_case("", ""));
  CHECK_FALSE(equals_ignoring_case("bearer", "bearer "));
  CHECK_FALSE(equals_ignoring_case("[", "{"));
  CHECK(starts_with_ignoring_case("BEARER token", "bearer "));
  CHECK(starts_with_ignoring_case("anything", ""));
  CHECK_FALSE(starts_with_ignoring_case("bear", "bearer"));
}

TEST_CASE("blanks are trimmed at both ends and kept within") {
  CHECK(trim(" \ta b\t ") == "a b");
  CHECK(trim("a") == "a");
  CHECK(trim(" \t ").empty());
  CHECK(trim("").empty());
  CHECK(trim("a\r\n") == "a\r\n");
  CHECK(trim("\r\na\r\n", "\r\n") == "a");
}

TEST_CASE("a text is checked for the characters it may have") {
  CHECK(consists_of("1.5", "0123456789."));
  CHECK(consists_of("", "a"));
  CHECK_FALSE(consists_of("1e5", "0123456789."));
  CHECK(is_alphanumeric("azAZ09"));
  CHECK(is_alphanumeric("node-1.b", ".-"));
  CHECK_FALSE(is_alphanumeric("node-1"));
  CHECK_FALSE(is_alphanumeric("\xC3\xA4"));
  CHECK(is_visible("!~"));
  CHECK_FALSE(is_visible("a b"));
  CHECK_FALSE(is_visible("a\x7F"));
  CHECK_FALSE(is_visible("\xC3\xA4"));
}

TEST_CASE("a list is taken apart at its separators") {
  CHECK(parts_of("a,b", ",") == std::vector<std::string_view>{"a", "b"});
  CHECK(parts_of("a,\nb", ",\n") == std::vector<std::string_view>{"a", "", "b"});
  CHECK(parts_of(",a,", ",") == std::vector<std::string_view>{"", "a"});
  CHECK(parts_of("", ",").empty());
}

TEST_CASE("a number is the whole text or none") {
  CHECK(parse_number<std::uint16_t>("65535") == 65535);
  CHECK_FALSE(parse_number<std::uint16_t>("65536"));
  CHECK_FALSE(parse_number<std::uint16_t>("-1"));
  CHECK(parse_number<int>("-1") == -1);
  CHECK(parse_number<int>("007") == 7);
  CHECK(parse_number<double>("1.5") == 1.5);
  for (const auto* const text : {"", " 1", "1 ", "+1", "1a", "0x1", "1.0", "one"}) {
    CHECK_FALSE(parse_number<int>(text));
  }
}

TEST_CASE("bytes are written as hex and read from either case") {
  constexpr std::array<std::uint8_t, 3> bytes{0x00, 0x9A, 0xFF};
  CHECK(to_hex(bytes) == "009aff");
  std::array<std::uint8_t, 3> read{};
  REQUIRE(parse_hex("009aFf", read));
  CHECK(read == bytes);
  for (const auto* const text : {"009af", "009aff0", "009afg", "", "009a f"}) {
    CHECK_FALSE(parse_hex(text, read));
  }
}

}  // namespace stayler
