// SPDX-License-Identifier: MIT

// Several coordinators, one provider: what they show each other, how they divide it, and, in a
// simulation, that they make no more refusals together than one alone.

#include "policies/provider/call_admission.hpp"
#include "policies/provider/limits/daily_budget.hpp"
#include "policies/provider/sharing/fair_share.hpp"
#include "policies/provider/sharing/peer_record.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <deque>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

using numbers = std::vector<std::uint32_t>;

const timestamp today{milliseconds{1'767'268'800'000}};  // 2026-01-01T12:00:00Z

/// A provider that takes so many calls in any sixty seconds.
class metered_provider {
 public:
  explicit metered_provider(std::size_t per_minute) : per_minute_(per_minute) {}

  failure call(clock_time now) {
    while (!taken_.empty() && taken_.front() + 1min <= now) {
      taken_.pop_front();
    }
    if (taken_.size() < per_minute_) {
      taken_.push_back(now);
      return {};
    }
    const auto wait = std::chrono::ceil<milliseconds>(taken_.front() + 1min - now);
    return {error_class::rate_limited, "", wait};
  }

 private:
  std::size_t per_minute_;
  std::deque<clock_time> taken_;
};

struct coordinator {
  struct call {
    call_admission::admitted_call grant;
    failure outcome;
    clock_time ends;
  };

  std::string name;
  call_admission admission;
  std::deque<call> calls;
  std::uint32_t backlog = 1'000'000;
  std::uint32_t taken = 0;
};

/// Coordinators in virtual time, in steps of ten milliseconds, that meet every half second.
class simulation {
 public:
  simulation(std::size_t count, std::size_t per_minute) : provider_(per_minute) {
    gemini_settings config;
    config.api_key = "one";
    for (std::size_t i = 0; i < count; ++i) {
      coordinator& added = coordinators.emplace_back();
      added.name = std::string(1, static_cast<char>('a' + i));
      added.admission.configure(config);
    }
  }

  void pass(std::chrono::milliseconds time) {
    for (const auto end = now_ + time; now_ < end; now_ += 10ms) {
      for (coordinator& one : coordinators) {
        step(one);
      }
      if ((now_ - start) % 500ms == 0ms) {
        meet();
      }
    }
  }

  void clear_counts() {
    refused = taken = 0;
    for (coordinator& one : coordinators) {
      one.taken = 0;
    }
  }

  std::vector<coordinator> coordinators;
  std::uint32_t refused = 0;
  std::uint32_t taken = 0;
  bool they_meet = true;

 private:
  void step(coordinator& one) {
    while (!one.calls.empty() && one.calls.front().ends <= now_) {
      const auto& done = one.calls.front();
      one.admission.end(done.grant, done.outcome, now_);
      (done.outcome ? refused : taken) += 1;
      one.taken += done.outcome ? 0 : 1;
      one.calls.pop_front();
    }
    while (one.backlog > 0) {
      const auto grant = one.admission.admit(now_, today);
      if (!grant) {
        one.admission.request_more(now_);
        break;
      }
      --one.backlog;
      one.calls.push_back({*grant, provider_.call(now_), now_ + 200ms});
    }
  }

  void meet() {
    if (!they_meet) {
      return;
    }
    std::vector<peer_record> all;
    for (coordinator& one : coordinators) {
      all.push_back(one.admission.snapshot(now_, today));
      all.back().instance_id = one.name;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::vector<peer_record> others = all;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      coordinators[i].admission.merge(others, i, now_, today);
    }
  }

  metered_provider provider_;
  clock_time now_ = start;
};

}  // namespace

TEST_CASE("who wishes for little gets it, and the others get equal parts of the rest") {
  CHECK(fair_shares(100, {10, 1'000, 1'000}) == numbers{10, 45, 45});
  CHECK(fair_shares(10, {99, 99, 99}) == numbers{4, 3, 3});
  CHECK(fair_shares(10, {1, 2, 1}) == numbers{3, 4, 3});
  CHECK(fair_shares(2, {9, 9, 9}) == numbers{1, 1, 0});
  CHECK(fair_shares(7, {3}) == numbers{7});
  CHECK(fair_shares(7, {}).empty());
  for (std::uint32_t total = 0; total < 200; ++total) {
    const auto shares = fair_shares(total, {total / 3, 5, 40, 1'000});
    CHECK(std::accumulate(shares.begin(), shares.end(), 0U) == total);
  }
}

TEST_CASE("a coordinator's record arrives as it was shown") {
  const peer_record shown{
      "host/1",
      {{"0123456789abcdef", 1, 2, 3, 4, 5ms}},
      6,
      7,
      8,
      true,
      {"2026-01-01", {1, 2, 3, 4, 5}, 9, {{"u \"1\"", {5, 4, 3, 2, 1}, 10}}},
      11};
  const auto read = decode_peer_record(encode(shown));
  REQUIRE(read);
  CHECK(*read == shown);
  CHECK_FALSE(decode_peer_record("{}"));
  CHECK_FALSE(decode_peer_record("not JSON"));
  // Of another version, or nonsense: what is missing counts for nothing.
  const auto odd =
      decode_peer_record(R"({"owner":"x","limit":-5,"keys":[{"recent":"many"}],"new":1})");
  REQUIRE(odd);
  CHECK(odd->limit == 0);
  CHECK(odd->workers == 0);
  CHECK(odd->keys.at(0).recent == 0);
}

TEST_CASE("ten coordinators make no more refusals than one, and use the quota as well") {
  constexpr std::uint32_t per_minute = 600;
  std::uint32_t refused_alone = 0;
  for (const std::size_t count : {1U, 2U, 5U, 10U}) {
    simulation all{count, per_minute};
    all.pass(1min);
    const std::uint32_t refused_at_first = all.refused;
    all.clear_counts();
    all.pass(10min);
    const double used = all.taken / (10.0 * per_minute);
    std::cout << std::setw(2) << count << " coordinators, quota " << per_minute
              << " a minute: " << refused_at_first
              << " refused in the first minute, then in ten minutes " << all.taken << " taken ("
              << std::lround(100 * used) << " %), " << all.refused << " refused\n";
    INFO(count << " coordinators");
    CHECK(used >= 0.9);
    CHECK(all.refused * 50 <= all.taken);
    if (count == 1) {
      refused_alone = all.refused + refused_at_first;
    }
    CHECK(all.refused + refused_at_first <= 2 * refused_alone + 20);
    // Nobody is left behind.
    for (const coordinator& one : all.coordinators) {
      CHECK(one.taken * count * 2 >= all.taken);
    }
  }
}

TEST_CASE("what one learns of the quota all know, also one that comes later") {
  simulation all{3, 300};
  all.coordinators[2].backlog = 0;
  all.pass(2min);
  CHECK(all.coordinators[2].admission.per_minute() >= 270);
  all.coordinators[2].backlog = 1'000'000;
  // The calls of the others are in the window for a minute yet.
  all.pass(1min);
  all.clear_counts();
  all.pass(2min);
  CHECK(all.coordinators[2].taken >= 170);
  CHECK(all.refused * 20 <= all.taken);
}

TEST_CASE("what one does not use of the quota another may") {
  simulation all{2, 300};
  all.pass(2min);
  all.coordinators[1].backlog = 0;
  all.pass(2min);
  all.clear_counts();
  all.pass(4min);
  CHECK(all.coordinators[0].taken >= 4 * 270);
}

TEST_CASE("coordinators that do not see each other any more are on their own") {
  simulation all{2, 300};
  all.pass(2min);
  all.coordinators[1].backlog = 0;
  all.pass(1min);
  all.coordinators[0].admission.merge({}, 0, start + 3min, today);
  all.they_meet = false;
  all.clear_counts();
  all.pass(3min);
  CHECK(all.coordinators[0].taken >= 3 * 270);
}

TEST_CASE("calls in flight are divided, and a limit that shrank for one has shrunk for all") {
  gemini_settings config;
  config.api_key = "one";
  config.max_concurrency = 12;
  call_admission one;
  one.configure(config);
  one.request_more(start);
  peer_record busy{"b", {}, 6, 64, 3, true, {}};
  one.merge({busy}, 0, start, today);
  CHECK(one.limit() == 6);
  CHECK(one.snapshot(start, today).shrinks == 3);
  CHECK(one.snapshot(start, today).limit == 64);
  // One that wants little leaves the rest to the others.
  busy.wants_more = false;
  busy.in_flight = 1;
  one.merge({busy}, 0, start, today);
  CHECK(one.limit() == 10);
  one.merge({}, 0, start, today);
  CHECK(one.limit() == 12);
}

TEST_CASE("coordinators share the day's budget to the cent, whatever they do at the same time") {
  gemini_settings config;
  config.budget_per_day = 1.0;
  constexpr micro_dollars price = 40'000;
  std::vector<daily_budget> books(4);
  for (daily_budget& book : books) {
    book.configure(config);
    book.merge({}, false, today);
  }
  const auto meet = [&] {
    std::vector<std::pair<std::string, peer_account>> all;
    for (std::size_t i = 0; i < books.size(); ++i) {
      all.emplace_back(std::string(1, static_cast<char>('a' + i)), books[i].snapshot(today));
    }
    for (std::size_t i = 0; i < books.size(); ++i) {
      auto others = all;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      books[i].merge(others, i == 0, today);
    }
  };
  std::uint64_t number = 0;
  std::uint64_t granted = 0;
  for (int round = 0; round < 40; ++round) {
    meet();
    for (daily_budget& book : books) {
      for (int i = 0; i < 3; ++i) {
        const auto call = attempt(++number);
        if (book.reserve(call, "u", price, today) == daily_budget::verdict::granted) {
          ++granted;
          book.settle(call, "u", {1, 0, 0, 0, price}, today);
        }
      }
    }
  }
  meet();
  CHECK(granted == 25);
  for (daily_budget& book : books) {
    CHECK(book.report(today).total.cost == 1'000'000);
    CHECK(book.report(today).total.calls == 25);
    CHECK(book.report(today).users.at(0).amount.cost == 1'000'000);
  }
  CHECK(books[1].reserve(attempt(999), "u", price, today) == daily_budget::verdict::day_is_spent);
}

TEST_CASE("what others had spent before is not counted twice, and stays when they have gone") {
  gemini_settings config;
  config.budget_per_user = 1.0;
  daily_budget book;
  book.configure(config);
  peer_account other{"2026-01-01", {3, 0, 0, 0, 300}, 0, {{"u", {3, 0, 0, 0, 300}, 0}}};
  book.merge({{"b", other}}, true, today);
  book.load({{"2026-01-01", "u", {3, 0, 0, 0, 300}}}, today);
  CHECK(book.report(today).total.cost == 300);
  other.total.cost = other.users[0].amount.cost = 500;
  other.users[0].reserved = other.reserved = 900'000;
  book.merge({{"b", other}}, true, today);
  CHECK(book.report(today).total.cost == 500);
  CHECK(book.reserve(attempt(1), "u", 150'000, today) == daily_budget::verdict::must_wait);
  book.merge({}, true, today);
  CHECK(book.report(today).total.cost == 500);
  CHECK(book.reserve(attempt(1), "u", 150'000, today) == daily_budget::verdict::granted);
}
