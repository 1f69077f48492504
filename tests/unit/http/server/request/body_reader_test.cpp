// SPDX-License-Identifier: MIT

#include "http/server/request/body_reader.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <string_view>

using namespace stayler;
using http::body_reader;
using state = http::body_reader::state;

namespace {

constexpr http::body_framing chunked{http::body_framing::kind::chunked, 0};

http::body_framing by_length(std::uint64_t length) {
  return {http::body_framing::kind::by_length, length};
}

/// What becomes of these chunks, however they arrive.
state read_chunks(std::string_view bytes, std::size_t limit = 1000) {
  body_reader at_once{chunked, limit};
  at_once.take(bytes);
  body_reader by_bytes{chunked, limit};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    by_bytes.take(bytes.substr(i, 1));
  }
  CHECK(by_bytes.now() == at_once.now());
  CHECK(by_bytes.release() == at_once.release());
  return at_once.now();
}

}  // namespace

TEST_CASE("a body of known length ends there, and leaves the next request alone", "[body_reader]") {
  body_reader reader{by_length(4), 1000};
  CHECK(reader.take("bo") == 2);
  CHECK(reader.now() == state::incomplete);
  CHECK(reader.take("dyGET /") == 2);
  CHECK(reader.now() == state::complete);
  CHECK(reader.take("GET /") == 0);
  CHECK(reader.release() == "body");
}

TEST_CASE("chunks become one body, and leave the next request alone", "[body_reader]") {
  body_reader reader{chunked, 1000};
  const std::string_view chunks = "3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n";
  CHECK(reader.take(std::string{chunks} + "GET /") == chunks.size());
  CHECK(reader.now() == state::complete);
  CHECK(reader.release() == "abc0123456789");
  CHECK(read_chunks(chunks) == state::complete);
  CHECK(read_chunks("0\r\n\r\n") == state::complete);
  CHECK(read_chunks("0000000000000001\r\na\r\n0\r\n\r\n") == state::complete);
}

TEST_CASE("a body over its limit is too large as soon as that is known", "[body_reader]") {
  CHECK(body_reader{by_length(1001), 1000}.now() == state::too_large);
  CHECK(read_chunks("3E9\r\n") == state::too_large);
  CHECK(read_chunks("ffffffffffffffff\r\n") == state::too_large);
  CHECK(read_chunks("2\r\nab\r\n2\r\n", 3) == state::too_large);
  CHECK(read_chunks("2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 3) == state::complete);
}

TEST_CASE("chunk extensions and trailer fields are refused", "[body_reader]") {
  for (const auto* bytes :
       {"1;a=b\r\n", "1 ;a\r\n", "0;a\r\n", "0\r\nX: y\r\n", "0\r\nX: y\r\n\r\n"}) {
    INFO(bytes);
    CHECK(read_chunks(bytes) == state::malformed);
  }
}

TEST_CASE("chunks that are not written as they must be are refused", "[body_reader]") {
  for (const auto* bytes :
       {"\r\n", "g\r\n", "0x1\r\n", "-1\r\n", "+1\r\n", " 1\r\n", "1 \r\n", "1\n", "1\r\nab\r\n",
        "1\r\na\n", "0\r\n\n"}) {
    INFO(bytes);
    CHECK(read_chunks(bytes) == state::malformed);
  }
}

TEST_CASE("framing that never ends is refused after a few bytes", "[body_reader]") {
  CHECK(read_chunks("5;" + std::string(20, 'a')) == state::malformed);
  CHECK(read_chunks("0\r\nX-T: " + std::string(20, 'a')) == state::malformed);
  CHECK(read_chunks(std::string(19, '0')) == state::malformed);
  CHECK(read_chunks(std::string(17, '0') + "1\r\n") == state::malformed);
}

TEST_CASE("a body in single bytes is taken, megabytes of framing are not", "[body_reader]") {
  std::string chunks;
  for (int i = 0; i < 1000; ++i) {
    chunks += "1\r\nx\r\n";
  }
  CHECK(read_chunks(chunks + "0\r\n\r\n", 100'000) == state::complete);
  for (int i = 0; i < 10'000; ++i) {
    chunks += "1\r\nx\r\n";
  }
  CHECK(read_chunks(chunks, 100'000) == state::malformed);
}
