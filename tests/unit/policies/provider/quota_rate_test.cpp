// SPDX-License-Identifier: MIT

// Quotas that are rates: a bucket that is filled at a steady pace, and holds a few seconds' calls.

#include "policies/provider/limits/learned_quota.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <deque>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

using std::chrono::milliseconds;

/// A provider's bucket, and callers that have twenty times more to do than it gives.
class filled_bucket {
 public:
  explicit filled_bucket(double per_minute) : per_minute_(per_minute), tokens_(per_minute / 10) {}

  void pass(milliseconds time) {
    for (const auto end = now + time; now < end; now += 10ms) {
      tokens_ = std::min(per_minute_ / 10, tokens_ + per_minute_ / 6'000);
      hear_refusals();
      wishes_ = std::min(10.0, wishes_ + per_minute_ / 300);
      for (; wishes_ >= 1 && quota.opens_at(now) <= now; --wishes_) {
        send();
      }
    }
  }

  learned_quota quota;
  clock_time now = start;
  int accepted = 0;
  int refused = 0;

 private:
  void hear_refusals() {
    while (!refusals_.empty() && refusals_.front().sent_at + 200ms <= now) {
      quota.refused(refusals_.front().sent_at, refusals_.front().wait, now);
      refusals_.pop_front();
    }
  }

  void send() {
    quota.sent(now);
    if (tokens_ >= 1) {
      tokens_ -= 1;
      ++accepted;
    } else {
      ++refused;
      const auto wait = milliseconds{static_cast<int>((1 - tokens_) * 60'000 / per_minute_) + 1};
      refusals_.push_back({now, wait});
    }
  }

  struct refusal {
    clock_time sent_at;
    milliseconds wait;
  };

  double per_minute_;
  double tokens_;
  double wishes_ = 0;
  std::deque<refusal> refusals_;
};

}  // namespace

TEST_CASE("a quota that is a rate is learned within seconds, with few refusals") {
  const int per_minute = GENERATE(300, 600, 3'000);
  filled_bucket bucket{static_cast<double>(per_minute)};
  bucket.pass(1min);
  const int accepted_at_first = bucket.accepted;
  INFO(per_minute << " a minute, " << bucket.refused << " refused");
  CHECK(accepted_at_first >= per_minute * 9 / 10);
  CHECK(bucket.quota.per_minute() >= static_cast<std::uint32_t>(per_minute) * 9 / 10);
  bucket.pass(9min);
  CHECK(bucket.accepted >= 9 * per_minute);
  CHECK(bucket.refused * 50 <= bucket.accepted);
}

TEST_CASE("a refusal that names the time until the minute is over speaks of a count") {
  learned_quota quota;
  for (int i = 0; i < 30; ++i) {
    quota.sent(start + i * 10ms);
  }
  quota.refused(start + 290ms, 59'800ms, start + 490ms);
  CHECK(quota.per_minute() == 29);
  CHECK(quota.opens_at(start + 1s) >= start + 60s);
}

TEST_CASE("a quota that was learned before a restart is spread from the first call on") {
  learned_quota quota;
  quota.begin(600, start);
  CHECK(quota.per_minute() == 600);
  quota.sent(start);
  CHECK(quota.opens_at(start) == start + 100ms);
  CHECK(quota.closed_until(start) == start);
}
