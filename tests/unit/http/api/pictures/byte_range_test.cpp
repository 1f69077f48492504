// SPDX-License-Identifier: MIT

#include "http/api/pictures/byte_range.hpp"

#include "tests/support/catch.hpp"

#include <cstddef>

using namespace stayler;
using http::byte_range;
using http::parse_byte_range;

TEST_CASE("a range is cut to what is there", "[byte_range]") {
  const auto is_part = [](const byte_range& range, std::size_t offset, std::size_t count) {
    return range.type == byte_range::kind::part && range.offset == offset && range.count == count;
  };
  CHECK(is_part(parse_byte_range("bytes=0-0", 10), 0, 1));
  CHECK(is_part(parse_byte_range("bytes=2-5", 10), 2, 4));
  CHECK(is_part(parse_byte_range("bytes=5-", 10), 5, 5));
  CHECK(is_part(parse_byte_range("bytes=5-99", 10), 5, 5));
  CHECK(is_part(parse_byte_range("bytes=-3", 10), 7, 3));
  CHECK(is_part(parse_byte_range("bytes=-99", 10), 0, 10));
  CHECK(is_part(parse_byte_range("bytes=0-18446744073709551615", 10), 0, 10));
}

TEST_CASE("a range outside is unsatisfiable, a strange one ignored", "[byte_range]") {
  for (const auto* header : {"bytes=10-", "bytes=10-20", "bytes=-0"}) {
    CHECK(parse_byte_range(header, 10).type == byte_range::kind::unsatisfiable);
  }
  CHECK(parse_byte_range("bytes=-1", 0).type == byte_range::kind::unsatisfiable);
  for (const auto* header :
       {"", "lines=0-1", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=0-1,3-4",
        "bytes=99999999999999999999-"}) {
    INFO(header);
    CHECK(parse_byte_range(header, 10).type == byte_range::kind::whole);
  }
}

TEST_CASE("an entity is named by its tag, weakly, in a list, or by a star", "[byte_range]") {
  CHECK(http::names_entity("\"a\"", "\"a\""));
  CHECK(http::names_entity("W/\"a\"", "\"a\""));
  CHECK(http::names_entity("\"x\" , \"a\"", "\"a\""));
  CHECK(http::names_entity("*", "\"a\""));
  CHECK_FALSE(http::names_entity("", "\"a\""));
  CHECK_FALSE(http::names_entity("\"x\",", "\"a\""));
}
