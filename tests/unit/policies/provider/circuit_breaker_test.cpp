// SPDX-License-Identifier: MIT

// A breaker opens by the share of calls that fail, and probes before it closes.

#include "policies/provider/circuit_breaker.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <vector>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// Calls of which each n-th fails.
void call(circuit_breaker& breaker, int count, int failing_every, clock_time now) {
  for (int i = 1; i <= count; ++i) {
    const auto ticket = breaker.begin(now);
    breaker.end(ticket, failing_every > 0 && i % failing_every == 0, now);
  }
}

}  // namespace

TEST_CASE("the breaker stays closed while less than half of the calls fail") {
  circuit_breaker breaker;
  for (int i = 0; i < 100; ++i) {
    call(breaker, 10, 3, start + i * 1s);
  }
  CHECK(breaker.at(start + 100s) == breaker_state::closed);
}

TEST_CASE("the breaker opens by the share of failures, never by failures in a row alone") {
  circuit_breaker breaker;
  call(breaker, 9, 1, start);
  CHECK(breaker.at(start) == breaker_state::closed);  // too few to say anything
  call(breaker, 1, 1, start + 1s);
  CHECK(breaker.at(start + 1s) == breaker_state::open);
  CHECK_FALSE(breaker.allows(start + 1s));

  circuit_breaker busy;
  call(busy, 100, 0, start);
  call(busy, 20, 1, start + 1s);
  CHECK(busy.at(start + 1s) == breaker_state::closed);
}

TEST_CASE("a busy breaker opens after a few dozen failures, however many calls were good before") {
  circuit_breaker breaker;
  for (int i = 0; i < 1'000; ++i) {
    call(breaker, 1, 0, start + i * 20ms);
  }
  const auto now = start + 20s;
  call(breaker, 24, 1, now);
  CHECK(breaker.at(now) == breaker_state::closed);
  call(breaker, 1, 1, now);
  CHECK(breaker.at(now) == breaker_state::open);
}

TEST_CASE("failures that lie outside the window no longer count") {
  circuit_breaker breaker;
  call(breaker, 9, 1, start);
  call(breaker, 5, 1, start + 31s);
  CHECK(breaker.at(start + 31s) == breaker_state::closed);
}

TEST_CASE("an open breaker lets a trickle of probes through and closes when they succeed") {
  circuit_breaker breaker;
  call(breaker, 10, 1, start);
  CHECK(breaker.reopens_at() == start + 5s);
  const auto now = start + 5s;
  REQUIRE(breaker.at(now) == breaker_state::half_open);
  std::vector<circuit_breaker::ticket> probes;
  while (breaker.allows(now)) {
    probes.push_back(breaker.begin(now));
  }
  REQUIRE(probes.size() == 3);
  breaker.end(probes[0], false, now);
  CHECK_FALSE(breaker.allows(now));
  // A probe that says nothing makes room for another.
  breaker.forget(probes[1]);
  REQUIRE(breaker.allows(now));
  probes[1] = breaker.begin(now);
  breaker.end(probes[1], false, now);
  CHECK(breaker.at(now) == breaker_state::half_open);
  breaker.end(probes[2], false, now);
  CHECK(breaker.at(now) == breaker_state::closed);
}

TEST_CASE("a failed probe opens the breaker for twice as long, up to a minute") {
  circuit_breaker breaker;
  call(breaker, 10, 1, start);
  auto now = start;
  for (const auto pause : {5s, 10s, 20s, 40s, 60s, 60s}) {
    CHECK(breaker.reopens_at() - now == pause);
    now = breaker.reopens_at();
    breaker.end(breaker.begin(now), true, now);
    CHECK(breaker.at(now) == breaker_state::open);
  }
}

TEST_CASE("a breaker that is turned off lets everything through") {
  circuit_breaker breaker;
  call(breaker, 10, 1, start);
  breaker.configure(0);
  CHECK(breaker.at(start) == breaker_state::closed);
  call(breaker, 100, 1, start);
  CHECK(breaker.at(start) == breaker_state::closed);
}

TEST_CASE("calls that were under way when the breaker opened do not count as probes") {
  circuit_breaker breaker;
  const auto late = breaker.begin(start);
  call(breaker, 10, 1, start);
  const auto now = start + 5s;
  breaker.end(late, true, now);
  CHECK(breaker.at(now) == breaker_state::half_open);
  const auto later = breaker.begin(now);
  breaker.end(late, false, now);
  breaker.end(later, false, now);
  CHECK(breaker.at(now) == breaker_state::half_open);
}
