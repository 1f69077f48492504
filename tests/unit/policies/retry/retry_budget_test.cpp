// SPDX-License-Identifier: MIT

// Retries are a share of the first attempts, however many fail.

#include "policies/retry/retry_budget.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <vector>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("retries are held down to a share of the first attempts, and none is dropped") {
  retry_budget budget;
  auto now = start;
  // A hundred first attempts a second, all of which fail and want to come back at once.
  std::vector<double> due;
  for (int second = 0; second < 120; ++second, now += 1s) {
    budget.note_first_attempts(100, now);
    for (int i = 0; i < 100; ++i) {
      due.push_back(second + static_cast<double>(budget.take(now).count()) / 1000);
    }
  }
  REQUIRE(due.size() == 12'000);
  int most = 0;
  for (int from = 30; from < 120; ++from) {
    const double at = from;
    most = std::max<int>(most, static_cast<int>(std::ranges::count_if(due, [at](double d) {
                           return d >= at && d < at + 1;
                         })));
  }
  INFO("most retries in a second: " << most);
  CHECK(most <= 90);
  CHECK(std::ranges::max(due) < 600);
}

TEST_CASE("the retry budget is not felt while failures are few") {
  retry_budget budget;
  auto now = start;
  for (int second = 0; second < 100; ++second, now += 1s) {
    budget.note_first_attempts(20, now);
    CHECK(budget.take(now) == 0ms);
  }
}
