// SPDX-License-Identifier: MIT

#include "http/server/request/body_pace.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using namespace std::chrono_literals;
using http::body_deadline;

namespace {

constexpr http::body_pace pace{15s, 1000, 100s};
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

TEST_CASE("no body takes longer than the bound", "[body_pace]") {
  CHECK(body_deadline(pace, begun, begun + 95s, 1'000'000) == begun + 100s);
}
