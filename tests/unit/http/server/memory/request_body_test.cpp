// SPDX-License-Identifier: MIT

#include "http/server/memory/request_body.hpp"

#include "tests/support/catch.hpp"

#include <span>
#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::http;

namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a body reads as the text that it is, wherever it came from", "[memory]") {
  CHECK(request_body{}.empty());
  CHECK(request_body{"text"} == "text");
  CHECK(request_body{bytes_of("text"), nullptr} == "text");
  CHECK(request_body{bytes_of("text"), nullptr}.size() == 4);
}

TEST_CASE("of a small body a part is copied", "[memory]") {
  const request_body body{std::string{"0123456789"}};
  CHECK(*body.hand_over(body.view().substr(3, 4)) == bytes_of("3456"));
  CHECK(body == "0123456789");
}

TEST_CASE("a large body hands over a part of itself without a copy", "[memory]") {
  const request_body body{bytes_of("0123456789"), nullptr};
  const auto* place = body.view().data();
  const auto part = body.hand_over(body.view().substr(3, 4));
  CHECK(*part == bytes_of("3456"));
  CHECK(static_cast<const void*>(part->data()) == place);
  CHECK(body.empty());
}

TEST_CASE("the room of a body is taken until both it and its bytes are gone", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto body =
      std::make_unique<request_body>(bytes_of("0123456789"), budget->try_take("another", 10));
  auto bytes = body->hand_over(body->view());
  SECTION("the body first") {
    body.reset();
    CHECK(budget->now().held == 10);
    bytes.reset();
  }
  SECTION("the bytes first") {
    bytes.reset();
    CHECK(budget->now().held == 10);
    body.reset();
  }
  CHECK(budget->now().held == 0);
}
