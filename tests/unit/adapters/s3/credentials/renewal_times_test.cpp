// SPDX-License-Identifier: MIT

#include "adapters/s3/credentials/credentials_keeper.hpp"
#include "tests/support/catch.hpp"

#include <chrono>

namespace stayler::adapters {

using namespace std::chrono_literals;

TEST_CASE("a key is renewed five minutes before its end, one of a short life at its half") {
  constexpr timestamp now{1'000'000'000ms};
  CHECK(time_to_renewal(now + 6h, now) == 6h - 5min);
  CHECK(time_to_renewal(now + 10min, now) == 5min);
  CHECK(time_to_renewal(now + 4min, now) == 2min);
  CHECK(time_to_renewal(now, now) == 0ms);
  CHECK(time_to_renewal(now - 1h, now) == 0ms);
  CHECK(time_to_renewal(std::nullopt, now) == 1h);
}

TEST_CASE("a place that is away is asked again with pauses up to half a minute") {
  CHECK(pause_after_failures(1) == 1s);
  CHECK(pause_after_failures(2) == 2s);
  CHECK(pause_after_failures(5) == 16s);
  CHECK(pause_after_failures(6) == 30s);
  CHECK(pause_after_failures(1'000'000) == 30s);
}

}  // namespace stayler::adapters
