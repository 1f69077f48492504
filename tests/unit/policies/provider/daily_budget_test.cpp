// SPDX-License-Identifier: MIT

// Budgets are kept by calls at the same time, too, and begin anew with the provider's day.

#include "policies/provider/limits/daily_budget.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <cstdint>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("a budget cannot be overrun by calls at the same time") {
  gemini_settings config;
  config.budget_per_day = 1.0;
  daily_budget book;
  book.configure(config);
  const timestamp now = date("2026-11-24T12:00:00Z");
  int granted = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    if (book.reserve(attempt(i), "u", 70'000, now) == daily_budget::verdict::granted) {
      ++granted;
    }
  }
  CHECK(granted == 14);
  CHECK(book.reserve(attempt(100), "u", 70'000, now) == daily_budget::verdict::must_wait);
  CHECK_FALSE(book.is_day_spent(now));
  // They cost less than was reserved: there is room again.
  for (std::uint64_t i = 0; i < 14; ++i) {
    book.settle(attempt(i), "u", {1, 0, 0, 0, 35'000}, now);
  }
  CHECK_FALSE(book.is_day_spent(now));
  CHECK(book.report(now).total.cost == 490'000);
  CHECK(book.report(now).reserved == 0);
  CHECK(book.reserve(attempt(200), "u", 70'000, now) == daily_budget::verdict::granted);
  book.settle(attempt(200), "u", {1, 0, 0, 0, 450'000}, now);
  CHECK(book.reserve(attempt(201), "u", 70'000, now) == daily_budget::verdict::day_is_spent);
  CHECK(book.is_day_spent(now));
}

TEST_CASE("a user's budget is the user's own, and all begin anew the next day") {
  gemini_settings config;
  config.budget_per_user = 0.1;
  daily_budget book;
  book.configure(config);
  const timestamp now = date("2026-11-24T12:00:00Z");
  book.load(
      {{"2026-11-24", "u1", {2, 0, 0, 0, 60'000}}, {"2026-11-23", "u2", {9, 0, 0, 0, 900'000}}}, now
  );
  CHECK(book.reserve(attempt(1), "u1", 50'000, now) == daily_budget::verdict::user_is_spent);
  CHECK(book.reserve(attempt(2), "u2", 60'000, now) == daily_budget::verdict::granted);
  CHECK(book.reserve(attempt(4), "u2", 60'000, now) == daily_budget::verdict::must_wait);
  CHECK_FALSE(book.is_day_spent(now));
  const timestamp tomorrow = book.resets_at();
  CHECK(tomorrow == date("2026-11-25T08:00:00Z"));
  CHECK(book.reserve(attempt(3), "u1", 50'000, tomorrow) == daily_budget::verdict::granted);
  CHECK(book.report(tomorrow).total == spending{});
}
