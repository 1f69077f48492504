// SPDX-License-Identifier: MIT

// A quota is learned from refusals, against a provider that keeps one. Time is an argument.

#include "policies/provider/limits/learned_quota.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

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
