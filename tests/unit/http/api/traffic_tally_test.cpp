// SPDX-License-Identifier: MIT

// Answers that are counted together.

#include "http/api/traffic_tally.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using http::traffic_tally;

TEST_CASE("the first of several answers asks to be taken, and so do many", "[traffic_tally]") {
  using enum traffic_tally::next_step;
  traffic_tally traffic{3};
  CHECK(traffic.add({"/a", "GET", 200}) == take_later);
  CHECK(traffic.add({"/b", "GET", 200}) == none);
  CHECK(traffic.add({"/c", "GET", 200}) == take_now);
  CHECK(traffic.add({"/d", "GET", 200}) == none);
  const auto taken = traffic.take();
  REQUIRE(taken.size() == 4);
  CHECK(taken.front().route == "/a");
  CHECK(taken.back().route == "/d");
  CHECK(traffic.take().empty());
  CHECK(traffic.add({"/e", "GET", 200}) == take_later);
}
