// SPDX-License-Identifier: MIT

#include "http/server/request/body_pace.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using namespace std::chrono_literals;
using http::body_deadline;

namespace {

constexpr http::body_pace pace{15s, 1000};
const std::chrono::steady_clock::time_point begun{1h};

}  // namespace

TEST_CASE("a body that does not begin is given up after the patience", "[body_pace]") {
  CHECK(body_deadline(pace, begun, begun, 0) == begun + 15s);
}

TEST_CASE("a body may go on as long as it keeps its rate", "[body_pace]") {
  CHECK(body_deadline(pace, begun, begun + 40s, 40'000) == begun + 55s);
  CHECK(body_deadline(pace, begun, begun + 40s, 30'000) == begun + 45s);
  // It was due at 35 s.
  CHECK(body_deadline(pace, begun, begun + 40s, 20'000) < begun + 40s);
}

TEST_CASE("what came fast buys no long silence", "[body_pace]") {
  CHECK(body_deadline(pace, begun, begun + 1s, 90'000) == begun + 16s);
}

TEST_CASE("a body that keeps its rate may take as long as it is large", "[body_pace]") {
  CHECK(body_deadline(pace, begun, begun + 1200s, 1'200'000) == begun + 1215s);
}
