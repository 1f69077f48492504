// SPDX-License-Identifier: MIT

// How the limit on calls in flight opens, finds its ceiling and keeps to it, against a simulated
// provider in virtual time. bench/ramp does the same for whole tables of providers.

#include "policies/provider/limits/concurrency_limit.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <map>
#include <random>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

using std::chrono::milliseconds;

struct simulated {
  milliseconds latency{40'000};
  std::uint32_t capacity = 1'000'000;  ///< calls at a time; more are refused
  milliseconds refusal{100};           ///< how long that takes
  double failing = 0;                  ///< part of the calls that is refused by chance
};

/// There is always something to send, as long as there are slots.
class calls_in_flight {
 public:
  explicit calls_in_flight(simulated provider, std::uint32_t slots = 1'000)
      : provider(provider), slots(slots) {}

  void pass(milliseconds time) {
    for (const auto end = now + time; now < end; now += 10ms) {
      end_calls();
      send_calls();
    }
  }

  [[nodiscard]] double refused_share() const {
    return static_cast<double>(refused) / std::max(1U, refused + accepted);
  }

  simulated provider;
  std::uint32_t slots;
  concurrency_limit limit;
  clock_time now = start;
  std::uint32_t in_flight = 0;
  std::uint32_t taken = 0;  ///< of them, by the provider
  std::uint32_t accepted = 0;
  std::uint32_t refused = 0;

 private:
  struct call {
    clock_time sent_at;
    std::uint32_t sent_as;
    bool is_refused;
  };

  void end_calls() {
    while (!calls_.empty() && calls_.begin()->first <= now) {
      const call ended = calls_.begin()->second;
      calls_.erase(calls_.begin());
      --in_flight;
      taken -= ended.is_refused ? 0 : 1;
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - ended.sent_at);
      limit.note({ended.is_refused, took, ended.sent_as, in_flight}, now);
    }
  }

  void send_calls() {
    while (in_flight < slots) {
      if (in_flight >= limit.value()) {
        limit.request_more(in_flight, now);
      }
      if (in_flight >= limit.value()) {
        return;
      }
      limit.sent(now);
      const bool is_refused =
          taken >= provider.capacity || std::bernoulli_distribution{provider.failing}(random_);
      ++(is_refused ? refused : accepted);
      taken += is_refused ? 0 : 1;
      ++in_flight;
      calls_.insert(
          {now + (is_refused ? provider.refusal : latency()), {now, in_flight, is_refused}}
      );
    }
  }

  milliseconds latency() {
    const auto most = provider.latency.count();
    return milliseconds{
        std::uniform_int_distribution<milliseconds::rep>{most * 7 / 10, most * 14 / 10}(random_)};
  }

  std::multimap<clock_time, call> calls_;
  std::mt19937_64 random_{7};
};

}  // namespace

TEST_CASE("the limit opens by time, however long the answers take") {
  const auto latency = GENERATE(500ms, 10'000ms, 120'000ms);
  calls_in_flight calls{{.latency = latency}};
  CHECK(calls.limit.value() == 16);
  calls.pass(11s);
  CHECK(calls.in_flight >= 900);
  CHECK(calls.refused == 0);
}

TEST_CASE("five thousand slots are in use after fifteen seconds") {
  calls_in_flight calls{{}, 5'000};
  calls.pass(15s);
  CHECK(calls.in_flight >= 4'500);
}

TEST_CASE("a bound on calls in flight is found in seconds, and costs few refusals afterwards") {
  const auto capacity = GENERATE(40U, 300U, 700U);
  const auto latency = GENERATE(2'000ms, 40'000ms);
  calls_in_flight calls{{.latency = latency, .capacity = capacity}};
  calls.pass(15s);
  INFO(capacity << " at a time, " << latency.count() << " ms, " << calls.refused << " refused");
  CHECK(calls.taken >= capacity * 9 / 10);
  CHECK(calls.refused <= capacity / 10 + 16);
  const auto refused_at_first = calls.refused;
  double used = 0;
  for (int second = 0; second < 600; ++second) {
    calls.pass(1s);
    used += calls.taken;
  }
  INFO(calls.refused - refused_at_first << " refused later");
  CHECK(used / 600 >= 0.95 * capacity);
  CHECK(calls.refused - refused_at_first <= 60);
}

TEST_CASE("the first bound on calls in flight costs no more than what is sent until it is heard of"
) {
  calls_in_flight calls{{.capacity = 300, .refusal = 500ms}};
  calls.pass(15s);
  CHECK(calls.taken == 300);
  CHECK(calls.refused <= 80);
}

TEST_CASE("a ceiling that has risen is found again, gently at first and then at the usual speed") {
  calls_in_flight calls{{.latency = 10s, .capacity = 100}};
  calls.pass(2min);
  REQUIRE(calls.taken >= 95);
  calls.provider.capacity = 1'000'000;
  calls.pass(5min);
  CHECK(calls.in_flight >= 900);
}

TEST_CASE("a provider that can take less than it could gets less") {
  calls_in_flight calls{{.latency = 10s, .capacity = 300}};
  calls.pass(1min);
  REQUIRE(calls.taken >= 270);
  calls.provider.capacity = 120;
  calls.pass(1min);
  CHECK(calls.limit.value() <= 126);
  CHECK(calls.limit.value() >= 70);
}

TEST_CASE("calls that fail by chance do not keep the limit down") {
  calls_in_flight calls{{.latency = 10s, .failing = 0.1}};
  calls.pass(1min);
  CHECK(calls.in_flight >= 300);
  calls.pass(5min);
  CHECK(calls.in_flight >= 500);
}

TEST_CASE("a limit that is not used does not grow") {
  calls_in_flight calls{{.latency = 2s}, 10};
  calls.pass(2min);
  CHECK(calls.limit.value() == 16);
  calls.limit.request_more(4, calls.now);
  CHECK(calls.limit.value() == 16);
}

TEST_CASE("a provider that becomes slow under load gets less of it") {
  concurrency_limit limit{{.first = 64}};
  auto now = start;
  const auto answer = [&](std::chrono::microseconds took, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      limit.note({false, took, limit.value(), limit.value() - 1}, now);
    }
  };
  answer(2s, 64);
  CHECK(limit.value() == 64);
  answer(9s, 64);
  CHECK(limit.value() == 44);
  CHECK(limit.shrinks() == 1);
  // Whether that was enough is seen by the next answers, and it does not grow before.
  limit.request_more(44, now + 17s);
  CHECK(limit.value() == 44);
}

TEST_CASE("after a restart the limit begins where it was, and the ceiling is known") {
  calls_in_flight before{{.capacity = 300}};
  before.pass(1min);
  const auto found = before.limit.found();
  CHECK(found.is_ceiling);
  CHECK(found.calls >= 290);

  calls_in_flight after{{.capacity = 300}};
  after.limit.begin(found, 10s, start);
  after.pass(10s);
  CHECK(after.taken >= 285);
  CHECK(after.refused <= 10);
}

TEST_CASE("what was found long ago counts for less, and never for less than nothing known") {
  concurrency_limit hour;
  hour.begin({800, false}, 1h, start);
  CHECK(hour.value() == 400);
  concurrency_limit year;
  year.begin({800, true}, 24h * 365, start);
  CHECK(year.value() == 16);
  // Below what was a ceiling then it grows at the usual speed.
  for (int step = 0; step < 120; ++step) {
    year.request_more(year.value(), start + step * 100ms);
  }
  CHECK(year.value() >= 700);
  concurrency_limit unknown;
  unknown.begin({0, false}, 0s, start);
  CHECK(unknown.value() == 16);
}

TEST_CASE("refusals while most of the known calls are under way do not mean an outage") {
  calls_in_flight calls{{.capacity = 100}};
  calls.pass(30s);
  CHECK(calls.limit.is_reason(99));
  CHECK_FALSE(calls.limit.is_reason(20));
}

TEST_CASE("an outage leaves the limit as it was before") {
  calls_in_flight calls{{.latency = 10s, .capacity = 100}};
  calls.pass(1min);
  const auto before = calls.limit.value();
  for (std::uint32_t left = 90; left-- > 0;) {
    calls.limit.note({true, 100ms, before, left}, calls.now);
  }
  REQUIRE(calls.limit.value() < before);
  calls.limit.note_outage(calls.now);
  CHECK(calls.limit.value() >= before * 9 / 10);
}

TEST_CASE("of what others have found the later counts, and while calls settle the lower") {
  concurrency_limit limit;
  limit.merge({64, 0, 16, true}, start);
  CHECK(limit.value() == 64);
  limit.merge({0, 9, 16, true}, start);  // a coordinator that knows nothing
  CHECK(limit.value() == 64);
  limit.merge({40, 1, 44, true}, start);
  CHECK(limit.value() == 40);
  CHECK(limit.is_settling(start));
  limit.merge({50, 1, 38, true}, start + 500ms);
  CHECK(limit.value() == 38);
  limit.merge({50, 1, 38, true}, start + 2s);
  CHECK(limit.value() == 50);
  limit.merge({900, 0, 38, true}, start + 2s);
  CHECK(limit.value() == 50);
  // One that has no calls under way has nothing to wait for.
  concurrency_limit newcomer;
  newcomer.merge({300, 7, 290, false}, start);
  CHECK_FALSE(newcomer.is_settling(start));
  newcomer.merge({310, 7, 290, false}, start);
  CHECK(newcomer.value() == 310);
}
