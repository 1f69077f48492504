// SPDX-License-Identifier: MIT

// A quota is used up on a machine that has other things to do: it works in fits, its calls reach
// the provider late and out of order. Time is an argument, and chance has a seed.

#include "policies/provider/limits/learned_quota.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <vector>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

using std::chrono::milliseconds;

constexpr milliseconds step{10};

/// Has less and less time for us, and now and then none at all for seconds.
struct busy_machine {
  double most_per_second;   ///< calls that it prepares, at first
  double least_per_second;  ///< and after some minutes
  milliseconds longest_stall;
  milliseconds calm;  ///< between two stalls, on average
};

/// A provider that takes so many calls in any sixty seconds, a machine that calls it as often as
/// the bucket says, and what has become of the calls.
class busy_run {
 public:
  busy_run(std::size_t per_minute, const busy_machine& machine, unsigned seed)
      : per_minute_(per_minute), machine_(machine), random_(seed) {
    stalls_at_ = start + between(0ms, 2 * machine.calm);
  }

  void go_on(milliseconds time) {
    for (const auto end = now_ + time; now_ < end; now_ += step) {
      take_calls();
      if (now_ >= stalls_at_) {
        goes_on_at_ = now_ + between(machine_.longest_stall / 5, machine_.longest_stall);
        stalls_at_ = goes_on_at_ + between(0ms, 2 * machine_.calm);
      }
      if (now_ >= goes_on_at_) {
        hear_answers();
        send_calls();
      }
    }
  }

  /// Until the first refusal has been heard, and the minute after.
  void warm_up() {
    while (bucket_.per_minute() == 0) {
      go_on(1s);
    }
    go_on(1min);
  }

  [[nodiscard]] std::size_t count(bool is_accepted, clock_time from, milliseconds time) const {
    return static_cast<std::size_t>(std::ranges::count_if(taken_, [&](const auto& call) {
      return call.first >= from && call.first < from + time && call.second == is_accepted;
    }));
  }

  [[nodiscard]] clock_time now() const { return now_; }

 private:
  struct answer {
    clock_time sent_at;
    milliseconds wait;
  };

  milliseconds between(milliseconds least, milliseconds most) {
    return milliseconds{
        std::uniform_int_distribution<std::int64_t>{least.count(), most.count()}(random_)};
  }

  void take_calls() {
    while (!on_their_way_.empty() && on_their_way_.begin()->first <= now_) {
      const auto [at, sent_at] = *on_their_way_.begin();
      on_their_way_.erase(on_their_way_.begin());
      while (!window_.empty() && window_.front() + 1min <= at) {
        window_.pop_front();
      }
      milliseconds wait{0};
      if (window_.size() < per_minute_) {
        window_.push_back(at);
      } else {
        wait = std::chrono::ceil<milliseconds>(window_.front() + 1min - at);
      }
      taken_.emplace_back(at, wait == 0ms);
      answers_.insert({at + 50ms, {sent_at, wait}});
    }
  }

  void hear_answers() {
    while (!answers_.empty() && answers_.begin()->first <= now_) {
      const answer heard = answers_.begin()->second;
      answers_.erase(answers_.begin());
      heard.wait > 0ms ? bucket_.refused(heard.sent_at, heard.wait, now_) : bucket_.accepted();
    }
  }

  /// Calls a second: down to the least within five minutes.
  [[nodiscard]] double speed() const {
    const double gone = std::min(1.0, std::chrono::duration<double>(now_ - start) / 5min);
    return machine_.most_per_second - gone * (machine_.most_per_second - machine_.least_per_second);
  }

  void send_calls() {
    // Where there is long to wait nobody holds a call ready: all are in the queue.
    const bool is_closed = bucket_.closed_until(now_) - now_ > 15s;
    const double more = speed() * (step / 1ms) / 1'000;
    ready_ = is_closed ? 0 : std::min(24.0, ready_ + more);
    for (; ready_ >= 1 && bucket_.opens_at(now_) <= now_; --ready_) {
      bucket_.sent(now_);
      on_their_way_.insert({now_ + between(2ms, 120ms), now_});
    }
  }

  std::size_t per_minute_;
  busy_machine machine_;
  std::mt19937_64 random_;
  learned_quota bucket_;
  clock_time now_ = start;
  clock_time stalls_at_;
  clock_time goes_on_at_ = start;
  double ready_ = 0;  ///< calls that could be sent at once
  std::multimap<clock_time, clock_time> on_their_way_;
  std::multimap<clock_time, answer> answers_;
  std::deque<clock_time> window_;
  std::vector<std::pair<clock_time, bool>> taken_;  ///< when, and whether it was accepted
};

}  // namespace

TEST_CASE("a busy machine uses an unknown quota to nine tenths, in any two minutes") {
  const std::size_t per_minute = GENERATE(60U, 240U, 900U);
  const double needed = static_cast<double>(per_minute) / 60;
  const busy_machine machine{6 * needed, 1.5 * needed, 3s, 15s};
  for (unsigned seed = 1; seed <= 20; ++seed) {
    busy_run run{per_minute, machine, seed};
    run.warm_up();
    const auto begin = run.now();
    run.go_on(8min);
    for (auto from = begin; from + 2min <= run.now(); from += 10s) {
      const auto accepted = run.count(true, from, 2min);
      const auto refused = run.count(false, from, 2min);
      INFO(
          "seed " << seed << ", after " << (from - begin) / 1s << " s: " << accepted << " of "
                  << 2 * per_minute << ", refused " << refused
      );
      CHECK(accepted * 10 >= 2 * per_minute * 9);
      CHECK(refused * 20 < accepted + refused);
    }
  }
}

TEST_CASE("once a quota is used up its calls are spread over the minute") {
  learned_quota bucket{60};
  for (int i = 0; i < 60; ++i) {
    REQUIRE(bucket.opens_at(start) == start);  // what nobody has used may be used at once
    bucket.sent(start);
  }
  CHECK(bucket.opens_at(start) == start + 1min);
  CHECK(bucket.closed_until(start) == start + 1min);
  auto now = start + 1min;
  for (int i = 0; i < 30; ++i) {
    REQUIRE(bucket.opens_at(now) == now);
    bucket.sent(now);
    CHECK(bucket.opens_at(now) == now + 1s);
    CHECK(bucket.closed_until(now) == now);  // it is no closed door
    now += 1s;
  }
  // Five seconds without a call are made good at once, and no more than that.
  now += 5s;
  for (int i = 0; i < 6; ++i) {
    REQUIRE(bucket.opens_at(now) == now);
    bucket.sent(now);
  }
  CHECK(bucket.opens_at(now) == now + 1s);
}

TEST_CASE("calls are no longer spread when nobody has had to wait for a while") {
  learned_quota bucket{60};
  for (int i = 0; i < 60; ++i) {
    bucket.sent(start);
  }
  const auto later = start + 2min;
  for (int i = 0; i < 60; ++i) {
    CHECK(bucket.opens_at(later) == later);
    bucket.sent(later);
  }
}

TEST_CASE("a pause that was due to a small share ends when the share has grown") {
  learned_quota bucket{600};
  bucket.share(learned_quota::sharing{599, 1, true, {}}, start);
  bucket.sent(start);
  CHECK(bucket.opens_at(start) == start + 1min);
  bucket.share(std::nullopt, start + 1s);
  CHECK(bucket.opens_at(start + 1s) <= start + 1s + 100ms);
}
