// SPDX-License-Identifier: MIT
#include "policies/supervision/restart_window.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using policies::restart_window;
using std::chrono::seconds;

TEST_CASE("more restarts than the limit within the window are refused, spread out they are not") {
  const restart_window::clock_time start{};
  restart_window window{3, seconds{60}};
  CHECK(window.allow(start));
  CHECK(window.allow(start + seconds{1}));
  CHECK(window.allow(start + seconds{2}));
  CHECK_FALSE(window.allow(start + seconds{3}));
  restart_window slow{3, seconds{60}};
  for (int i = 0; i < 100; ++i) {
    CHECK(slow.allow(start + i * seconds{30}));
  }
}
