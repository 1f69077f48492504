// SPDX-License-Identifier: MIT

#include "http/api/rate_limit/rate_limiter.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace std::chrono_literals;

namespace {

const http::rate_limiter::time_point first_call{1h};

}  // namespace

TEST_CASE("a bucket lets a burst through, and then the rate", "[rate_limiter]") {
  http::rate_limiter calls{{10, 5}};
  for (int i = 0; i < 5; ++i) {
    CHECK(calls.take("a", 1, first_call) == 0ms);
  }
  CHECK(calls.take("a", 1, first_call) == 100ms);
  CHECK(calls.take("a", 1, first_call + 99ms) == 1ms);
  CHECK(calls.take("a", 1, first_call + 100ms) == 0ms);
  CHECK(calls.take("a", 1, first_call + 100ms) == 100ms);
  CHECK(calls.take("b", 1, first_call + 100ms) == 0ms);
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    taken += calls.take("a", 1, first_call + 1h) == 0ms ? 1 : 0;
  }
  CHECK(taken == 5);
}

TEST_CASE("a dear call leaves a debt of a burst at most", "[rate_limiter]") {
  http::rate_limiter calls{{1, 4}};
  CHECK(calls.take("a", 1'000, first_call) == 0ms);
  CHECK(calls.take("a", 1, first_call) == 5s);
  CHECK(calls.take("a", 1, first_call + 5s) == 0ms);
}

TEST_CASE("what a call costs besides is a debt that is paid in full", "[rate_limiter]") {
  http::token_bucket calls{{10, 5}};
  CHECK(calls.take(1, first_call) == 0ms);
  calls.charge(999, first_call);
  CHECK(calls.take(1, first_call) == 99'600ms);
  CHECK(calls.take(1, first_call + 99'600ms) == 0ms);
  http::token_bucket boundless{{0, 1}};
  boundless.charge(999, first_call);
  CHECK(boundless.take(1, first_call) == 0ms);
}

TEST_CASE("a bucket says how much is left, and when all of it is there again", "[rate_limiter]") {
  http::token_bucket calls{{2, 5}};
  const auto check = [&calls](auto now, std::uint64_t remaining, std::uint64_t reset) {
    const auto state = calls.state(now).value();
    CHECK(state.limit == 5);
    CHECK(state.remaining == remaining);
    CHECK(state.reset_s == reset);
  };
  check(first_call, 5, 0);
  CHECK(calls.take(1, first_call) == 0ms);
  check(first_call, 4, 1);
  calls.charge(7, first_call);
  check(first_call, 0, 4);
  check(first_call + 2s, 1, 2);
  check(first_call + 1h, 5, 0);
  CHECK_FALSE(http::token_bucket({0, 5}).state(first_call));
}

TEST_CASE("a rate of nothing is no bound", "[rate_limiter]") {
  http::rate_limiter calls{{0, 1}};
  for (int i = 0; i < 1'000; ++i) {
    REQUIRE(calls.take("a", 10, first_call) == 0ms);
  }
  CHECK(calls.callers() == 0);
}

TEST_CASE("what is kept of callers is bounded, and the quiet are forgotten", "[rate_limiter]") {
  http::rate_limiter calls{{1, 2}, 100};
  for (int i = 0; i < 1'000; ++i) {
    static_cast<void>(calls.take("caller " + std::to_string(i), 1, first_call));
  }
  CHECK(calls.callers() == 100);
  // Those that found no place share one bucket, which is empty by now.
  CHECK(calls.take("caller 5000", 1, first_call) > 0ms);
  CHECK(calls.take("caller 7", 1, first_call) == 0ms);
  CHECK(calls.take("caller 6000", 1, first_call + 10s) == 0ms);
  CHECK(calls.callers() == 1);
}
