// SPDX-License-Identifier: MIT
#include "http/server/standing_headers.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;

TEST_CASE("standing headers go with every answer that has not its own", "[standing_headers]") {
  const http::standing_headers standing{{{"A", "1"}, {"Cache-Control", "no-store"}}};
  std::string head;
  standing.append_to(head, {});
  CHECK(head == "A: 1\r\nCache-Control: no-store\r\n");

  http::response own;
  own.headers = {{"cache-control", "private"}};
  head.clear();
  standing.append_to(head, own);
  CHECK(head == "A: 1\r\n");
}
