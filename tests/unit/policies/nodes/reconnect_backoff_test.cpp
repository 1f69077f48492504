// SPDX-License-Identifier: MIT

// Proves that a node without a coordinator looks for one less and less often, within bounds.

#include "policies/nodes/reconnect_backoff.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>

using stayler::policies::reconnect_backoff;

TEST_CASE("each pause is within half of twice the one before, up to the longest") {
  reconnect_backoff backoff;
  auto whole = reconnect_backoff::first;
  for (int i = 0; i < 100; ++i) {
    const auto pause = backoff.next();
    CHECK(pause <= whole);
    CHECK(pause >= whole / 2);
    whole = std::min(2 * whole, reconnect_backoff::longest);
  }
}

TEST_CASE("after a success the pauses begin anew") {
  reconnect_backoff backoff;
  for (int i = 0; i < 10; ++i) {
    backoff.next();
  }
  backoff.reset();
  CHECK(backoff.next() <= reconnect_backoff::first);
}
