// SPDX-License-Identifier: MIT

// What decides about calls to the provider: the circuit breaker, the limits that are found out, the
// keys, the budgets. Time is an argument, so a day takes no time.

#include "adapters/gemini/price_table.hpp"
#include "adapters/gemini/provider_day.hpp"
#include "adapters/gemini/provider_keys.hpp"
#include "policies/provider/call_admission.hpp"
#include "policies/provider/circuit_breaker.hpp"
#include "policies/provider/concurrency_limit.hpp"
#include "policies/provider/daily_budget.hpp"
#include "policies/provider/learned_quota.hpp"
#include "policies/provider/provider_key_pool.hpp"
#include "policies/provider/recovery_throttle.hpp"
#include "policies/retry/retry_budget.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;
using adapters::key_id_of;

namespace {

/// Calls of which each n-th fails.
void call(circuit_breaker& breaker, int count, int failing_every, clock_time now) {
  for (int i = 1; i <= count; ++i) {
    const auto ticket = breaker.begin(now);
    breaker.end(ticket, failing_every > 0 && i % failing_every == 0, now);
  }
}

timestamp date(std::string_view text) {
  return *parse_rfc3339(text);
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

TEST_CASE("the concurrency limit converges on what a provider can take") {
  // A provider that serves so many calls at a time and refuses the others with 503.
  const std::uint32_t capacity = GENERATE(3U, 40U, 700U);
  concurrency_limit limit;
  std::uint64_t calls = 0;
  std::uint64_t refused = 0;
  double sum = 0;
  constexpr int rounds = 4'000;
  for (int round = 0; round < rounds; ++round) {
    const std::uint32_t in_flight = limit.value();
    for (std::uint32_t i = 1; i <= in_flight; ++i) {
      const bool is_overload = i > capacity;
      limit.note(is_overload, 2s, in_flight);
      if (round >= rounds / 2) {
        ++calls;
        refused += is_overload ? 1 : 0;
      }
    }
    sum += round >= rounds / 2 ? std::min(in_flight, capacity) : 0;
  }
  const double used = sum / (rounds / 2) / capacity;
  INFO("capacity " << capacity << ", used " << used << ", refused " << refused << " of " << calls);
  CHECK(used > 0.8);
  CHECK(static_cast<double>(refused) / static_cast<double>(calls) < 0.15);
}

TEST_CASE("the concurrency limit grows to thousands within a few rounds") {
  concurrency_limit limit;
  int rounds = 0;
  while (limit.value() < 5'000) {
    const std::uint32_t in_flight = limit.value();
    for (std::uint32_t i = 0; i < in_flight; ++i) {
      limit.note(false, 2s, in_flight);
    }
    ++rounds;
  }
  CHECK(rounds <= 10);
}

TEST_CASE("a limit that is not used does not grow, and chance failures do not shrink it") {
  concurrency_limit limit;
  for (int i = 0; i < 10'000; ++i) {
    limit.note(i % 10 == 0, 1s, 3);
  }
  CHECK(limit.value() == 16);
}

TEST_CASE("a provider that becomes slow under load gets less of it") {
  concurrency_limit limit{{64, 10'000, 0.15, 0.7, 3}};
  for (int i = 0; i < 64; ++i) {
    limit.note(false, 2s, 64);
  }
  const std::uint32_t before = limit.value();
  for (std::uint32_t i = 0; i < before; ++i) {
    limit.note(false, 9s, before);
  }
  CHECK(limit.value() < before);
}

namespace {

/// A provider's quota per sliding minute, as the simulator keeps it.
class simulated_quota {
 public:
  explicit simulated_quota(std::size_t limit) : limit_(limit) {}

  /// 0 where the call is accepted, else how long to wait.
  std::chrono::milliseconds admit(clock_time now) {
    while (!calls_.empty() && calls_.front() + 1min <= now) {
      calls_.pop_front();
    }
    if (calls_.size() < limit_) {
      calls_.push_back(now);
      return 0ms;
    }
    return std::chrono::ceil<std::chrono::milliseconds>(calls_.front() + 1min - now);
  }

  void change(std::size_t limit) { limit_ = limit; }

 private:
  std::size_t limit_;
  std::deque<clock_time> calls_;
};

struct quota_run {
  double accepted_per_minute = 0;
  double refused_share = 0;
};

/// There is always something to send; each call takes 50 ms, and its answer comes then.
quota_run drive(
    learned_quota& bucket, simulated_quota& quota, clock_time from, std::chrono::minutes length
) {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  for (auto now = from; now < from + length; now += 50ms) {
    for (int i = 0; i < 5 && bucket.opens_at(now) <= now; ++i) {
      bucket.sent(now);
      const auto wait = quota.admit(now);
      ++(wait.count() > 0 ? refused : accepted);
      if (wait.count() > 0) {
        bucket.refused(now, wait, now + 50ms);
      }
    }
  }
  return {
      static_cast<double>(accepted) / static_cast<double>(length.count()),
      static_cast<double>(refused)
          / static_cast<double>(std::max<std::uint64_t>(1, accepted + refused))};
}

}  // namespace

TEST_CASE("a quota that nobody has named is found, used, and kept") {
  const std::size_t per_minute = GENERATE(10U, 60U, 1'000U);
  learned_quota bucket;
  simulated_quota quota{per_minute};
  drive(bucket, quota, start, 2min);  // warm-up
  const auto run = drive(bucket, quota, start + 2min, 30min);
  INFO(per_minute << ": " << run.accepted_per_minute << " a minute, " << run.refused_share);
  CHECK(run.accepted_per_minute >= 0.9 * static_cast<double>(per_minute));
  CHECK(run.refused_share < 0.05);
}

TEST_CASE("a quota that grows is found again") {
  learned_quota bucket;
  simulated_quota quota{100};
  drive(bucket, quota, start, 5min);
  quota.change(400);
  drive(bucket, quota, start + 5min, 30min);
  CHECK(drive(bucket, quota, start + 35min, 10min).accepted_per_minute > 360);
}

TEST_CASE("a quota that is known beforehand is never exceeded") {
  learned_quota bucket{50};
  simulated_quota quota{50};
  const auto run = drive(bucket, quota, start, 10min);
  CHECK(run.refused_share == 0);
  CHECK(run.accepted_per_minute >= 50);
}

TEST_CASE("a refusal that names no time closes the bucket for a moment, longer each time") {
  learned_quota bucket;
  auto now = start;
  for (const auto pause : {1s, 2s, 4s}) {
    bucket.sent(now);
    bucket.refused(now, 0ms, now);
    CHECK(bucket.opens_at(now) == now + pause);
    now += pause;
  }
  CHECK(bucket.per_minute() == 0);
  bucket.accepted();
  bucket.sent(now);
  bucket.refused(now, 0ms, now);
  CHECK(bucket.opens_at(now) == now + 1s);
}

TEST_CASE("calls go to the key that was used least, and around one that is spent") {
  gemini_settings config;
  config.api_key = "one, two";
  provider_key_pool ring;
  ring.configure(config);
  const timestamp today = date("2026-11-24T12:00:00Z");
  std::vector<std::string> used;
  for (int i = 0; i < 4; ++i) {
    const auto key = ring.choose(start, today);
    REQUIRE(key);
    ring.sent(*key, start);
    used.push_back(ring.id(*key));
  }
  CHECK(std::ranges::count(used, key_id_of("one")) == 2);
  ring.refused(key_id_of("one"), start, 30s, start);
  for (int i = 0; i < 3; ++i) {
    CHECK(ring.id(*ring.choose(start + 1s, today)) == key_id_of("two"));
  }
  ring.reject(key_id_of("two"), start);
  CHECK_FALSE(ring.choose(start + 1s, today));
  CHECK(ring.opens_at(start + 1s, today) == start + 30s);
}

TEST_CASE("what is known of a key survives a change of the configuration") {
  gemini_settings config;
  config.api_key = "one";
  provider_key_pool ring;
  ring.configure(config);
  const timestamp today = date("2026-11-24T12:00:00Z");
  ring.sent(*ring.choose(start, today), start);
  ring.refused(key_id_of("one"), start, 30s, start);
  config.api_key = "one,two";
  ring.configure(config);
  CHECK(ring.id(*ring.choose(start + 1s, today)) == key_id_of("two"));
  // Another model has a quota of its own.
  config.model = "another";
  ring.configure(config);
  CHECK(ring.id(*ring.choose(start + 1s, today)) == key_id_of("one"));
}

TEST_CASE("a day's calls are counted per key, until midnight in Pacific time") {
  gemini_settings config;
  config.api_key = "one";
  config.requests_per_day = 2;
  provider_key_pool ring;
  ring.configure(config);
  const timestamp evening = date("2026-11-25T07:59:00Z");
  ring.sent(*ring.choose(start, evening), start);
  ring.sent(*ring.choose(start, evening), start);
  CHECK_FALSE(ring.choose(start, evening));
  CHECK(ring.opens_at(start, evening) == start + 1min);
  CHECK(ring.choose(start + 1min, evening + 1min));
}

TEST_CASE("the provider's day ends at midnight in Pacific time, summer and winter") {
  using adapters::end_of_provider_day;
  CHECK(end_of_provider_day(date("2026-11-24T12:00:00Z")) == date("2026-11-25T08:00:00Z"));
  CHECK(end_of_provider_day(date("2026-07-01T06:59:59Z")) == date("2026-07-01T07:00:00Z"));
  CHECK(end_of_provider_day(date("2026-07-01T07:00:00Z")) == date("2026-07-02T07:00:00Z"));
  // 23 and 25 hours long.
  CHECK(end_of_provider_day(date("2026-03-08T09:00:00Z")) == date("2026-03-09T07:00:00Z"));
  CHECK(end_of_provider_day(date("2026-11-01T08:00:00Z")) == date("2026-11-02T08:00:00Z"));
  CHECK(adapters::provider_day(date("2026-11-25T07:59:59Z")) == "2026-11-24");
}

TEST_CASE("a call is priced from the provider's own count, by modality") {
  const auto table = adapters::read_prices("mine=1/10/100").value();
  const token_usage usage{560, 1'200, 50, 1'810, 536, 1'120};
  const auto cost = adapters::price(usage, adapters::prices_of(table, "mine"));
  CHECK(cost.prompt_tokens == 560);
  CHECK(cost.image_tokens == 1'120);
  CHECK(cost.text_tokens == 130);
  CHECK(cost.cost == 560 + 1'300 + 112'000);
  // The documented price of a picture: 1,120 tokens are $0.0336.
  const auto& known = adapters::prices_of(table, "gemini-nano-banana-2.1");
  CHECK(adapters::price({0, 1'120, 0, 1'120, 0, 1'120}, known).cost == 33'600);
  // An unknown name is as dear as the dearest.
  CHECK(adapters::prices_of(adapters::read_prices("").value(), "new").image == 120);
}

TEST_CASE("prices that are none are refused with what is allowed") {
  for (const auto* text : {"x", "x=1", "x=1/2", "=1/2/3", "x=1/2/-3", "x=a/2/3", "x=1/2/3,y"}) {
    INFO(text);
    const auto refused = adapters::read_prices(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("MODEL=INPUT/TEXT/IMAGE") != std::string::npos);
  }
}

TEST_CASE("a reservation covers what the call can cost") {
  const auto table = adapters::read_prices("").value();
  generation_request request;
  for (const auto* size : {"", "1K", "2K", "4K"}) {
    request.image_size = size;
    const auto& prices = adapters::prices_of(table, "gemini-nano-banana-2.1");
    const std::uint64_t image = std::string{size} == "4K"   ? 3'780
                                : std::string{size} == "2K" ? 1'680
                                                            : 1'120;
    const token_usage usage{3'000, image, 2'000, 0, 0, image};
    CHECK(adapters::highest_price(request, prices) >= adapters::price(usage, prices).cost);
  }
}

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

TEST_CASE("admission puts breaker, limit and quota together") {
  gemini_settings config;
  config.api_key = "one";
  config.max_concurrency = 2;
  call_admission admission;
  admission.configure(config);
  const timestamp today = date("2026-11-24T12:00:00Z");
  const auto first = admission.admit(start, today);
  const auto second = admission.admit(start, today);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->key_id == key_id_of("one"));
  CHECK_FALSE(admission.admit(start, today));
  CHECK_FALSE(admission.closed(start, today));  // enough are under way: that is no closure
  admission.end(*first, {}, start + 1s);
  CHECK(admission.capacity(start, today).max_in_flight == 5);

  admission.end(*second, {error_class::rate_limited, "", 20s}, start + 1s);
  const auto shut = admission.closed(start + 1s, today);
  REQUIRE(shut);
  CHECK(shut->until == start + 21s);
  CHECK(admission.capacity(start + 1s, today).closed_until == today + 20s);
  CHECK(admission.in_flight() == 0);
}

TEST_CASE("refusals of a quota do not open the breaker, failures of the service do") {
  gemini_settings config;
  config.api_key = "one";
  call_admission admission;
  admission.configure(config);
  const timestamp today = date("2026-11-24T12:00:00Z");
  auto now = start;
  for (int i = 0; i < 30; ++i) {
    const auto grant = admission.admit(now, today);
    REQUIRE(grant);
    admission.end(*grant, {error_class::rate_limited, "", 1s}, now);
    now += 61s;
  }
  CHECK(admission.breaker(now) == breaker_state::closed);
  for (int i = 0; i < 10; ++i) {
    now += 61s / 20;
    if (const auto grant = admission.admit(now, today)) {
      admission.end(*grant, {error_class::safety_blocked, ""}, now);
    }
  }
  CHECK(admission.breaker(now) == breaker_state::closed);
}

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
  for (double at = 30; at < 120; ++at) {
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
