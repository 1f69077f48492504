// SPDX-License-Identifier: MIT

// After an outage calls begin slowly, at the rate that was usual before.

#include "policies/provider/recovery_throttle.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// How many calls a backlog without end gets through within that time.
int calls_within(recovery_throttle& pace, clock_time from, std::chrono::milliseconds time) {
  int calls = 0;
  for (auto now = from; now < from + time; now = std::max(now, pace.opens_at(now))) {
    pace.sent(now);
    ++calls;
    REQUIRE(calls < 100'000);
  }
  return calls;
}

void call_steadily(
    recovery_throttle& pace, clock_time from, int count, std::chrono::milliseconds pause
) {
  for (int i = 0; i < count; ++i) {
    REQUIRE(pace.opens_at(from + i * pause) == from + i * pause);
    pace.sent(from + i * pause);
  }
}

}  // namespace

TEST_CASE("after an outage a backlog is worked off at little more than the usual rate") {
  recovery_throttle pace;
  call_steadily(pace, start, 1'000, 20ms);
  const auto reopened = start + 35s;
  pace.interrupt(start + 20s);
  for (int second = 0; second < 20; ++second) {
    const int calls = calls_within(pace, reopened + second * 1s, 1s);
    CHECK(calls >= 60);
    CHECK(calls < 100);
  }
  // What is left after minutes is worked off faster and faster.
  CHECK(calls_within(pace, reopened + 5min, 1s) > 300);
}

TEST_CASE("a pace that is not felt ends, and a quiet service is hardly slowed down") {
  recovery_throttle pace;
  call_steadily(pace, start, 10, 1s);
  pace.interrupt(start + 10s);
  CHECK(calls_within(pace, start + 16s, 1s) >= 10);
  call_steadily(pace, start + 20s, 30, 500ms);
  // Nothing holds back what comes now.
  for (int i = 0; i < 100; ++i) {
    CHECK(pace.opens_at(start + 40s) == start + 40s);
    pace.sent(start + 40s);
  }
}
