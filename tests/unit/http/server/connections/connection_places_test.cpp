// SPDX-License-Identifier: MIT

#include "http/server/connections/connection_places.hpp"

#include "tests/support/catch.hpp"

#include <cstdint>

using namespace stayler;
using http::connection_places;
using admission = http::connection_places::admission;

TEST_CASE("one network cannot take all places", "[connection_places]") {
  connection_places places{{5, 2}};
  for (int i = 0; i < 2; ++i) {
    CHECK(places.judge("192.0.2.1") == admission::welcome);
    places.enter("192.0.2.1");
  }
  CHECK(places.judge("192.0.2.1") == admission::network_has_enough);
  CHECK(places.judge("192.0.2.2") == admission::welcome);
  places.leave("192.0.2.1");
  CHECK(places.judge("192.0.2.1") == admission::welcome);
}

TEST_CASE("a place that becomes free is given out again", "[connection_places]") {
  connection_places places{{2, 0}};
  places.enter("192.0.2.1");
  places.enter("192.0.2.1");
  CHECK(places.judge("192.0.2.2") == admission::all_taken);
  places.leave("192.0.2.1");
  CHECK(places.judge("192.0.2.2") == admission::welcome);
}

TEST_CASE("refusals are bounded too, and take nobody's place", "[connection_places]") {
  connection_places places{{1, 0}};
  for (int i = 0; i < 64; ++i) {
    CHECK(places.may_refuse());
    places.begin_refusal();
  }
  CHECK_FALSE(places.may_refuse());
  CHECK(places.judge("192.0.2.1") == admission::welcome);
  places.end_refusal();
  CHECK(places.may_refuse());
}

TEST_CASE("connections leave half of the descriptors to what jobs need", "[connection_places]") {
  CHECK(http::connections_for(1'024) == 512);
  CHECK(http::connections_for(4'096) == 2'048);
  CHECK(http::connections_for(~std::uint64_t{0}) == 10'000);
  CHECK(http::connections_for(0) == 1);
}
