// SPDX-License-Identifier: MIT

#include "http/api/links/stream_tickets.hpp"

#include "tests/support/catch.hpp"

#include <memory>
#include <vector>

using namespace stayler;
using http::stream_tickets;

TEST_CASE("one key cannot hold all event streams", "[stream_tickets]") {
  stream_tickets tickets{3, 2};
  auto first = tickets.take("ann").value();
  const auto second = tickets.take("ann").value();
  CHECK(tickets.take("ann").error().kind == error_class::rate_limited);
  const auto others = tickets.take("bob");
  CHECK(others);
  CHECK(tickets.take("bob").error().kind == error_class::unavailable);
  first.reset();
  CHECK(tickets.take("bob"));
  CHECK(tickets.take("ann"));
}

TEST_CASE("without keys there is nobody to tell apart", "[stream_tickets]") {
  stream_tickets tickets{3, 1};
  std::vector<std::shared_ptr<void>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(tickets.take("").value());
  }
  CHECK(tickets.take("").error().kind == error_class::unavailable);
}
