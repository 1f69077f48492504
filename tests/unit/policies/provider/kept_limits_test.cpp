// SPDX-License-Identifier: MIT
#include "policies/provider/limits/kept_limits.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::policies;
using namespace std::chrono_literals;

TEST_CASE("a limit is written down when it is new, has changed, or was kept long ago") {
  const timestamp noon = *parse_rfc3339("2026-11-24T12:00:00Z");
  const found_limit limit{"m/calls", 400, false, noon};
  kept_limits kept;
  CHECK(kept.update({limit}) == std::vector{limit});
  CHECK(kept.update({{"m/calls", 420, false, noon + 1s}}).empty());
  CHECK(kept.update({{"m/calls", 421, false, noon + 2s}}).size() == 1);
  CHECK(kept.update({{"m/calls", 421, true, noon + 3s}}).size() == 1);
  CHECK(kept.update({{"m/calls", 421, true, noon + 10min}}).empty());
  CHECK(kept.update({{"m/calls", 421, true, noon + 10min + 3s}}).size() == 1);
  CHECK(kept.update({{"m/calls", 421, true, noon + 11min}, {"m/key", 1, true, noon}}).size() == 1);
  CHECK(kept.update({{"m/key", 2, true, noon}}).size() == 1);
}
