// SPDX-License-Identifier: MIT

// How many workers are asked for: the figures of decision 58, and the edges of the rule.

#include "policies/scaling/desired_workers.hpp"

#include "tests/support/catch.hpp"

#include <limits>

namespace stayler::policies {

namespace {

using namespace std::chrono_literals;

/// A queue of 300 in front of a provider that takes 64 calls at a time, and 120 a minute.
workload busy() {
  workload now;
  now.pending = 300;
  now.oldest = 20s;
  now.accepted_per_second = 1.5;
  now.attempt = 42s;
  now.calls = 64;
  now.quota_per_minute = 120;
  now.in_flight = 60;
  now.connected = 72;
  return now;
}

scaling_rule floor_of(std::uint32_t least) {
  scaling_rule rule;
  rule.floor = least;
  return rule;
}

}  // namespace

TEST_CASE("a long queue asks for as many workers as the provider has room for, and no more") {
  CHECK(desired_workers(busy()) == 100);
  workload now = busy();
  now.pending = 3'000'000;
  CHECK(desired_workers(now) == 100);
}

TEST_CASE("an empty queue asks for what arrives, times how long it stays") {
  workload now = busy();
  now.pending = 0;
  now.oldest = {};
  now.in_flight = 0;
  CHECK(desired_workers(now) == 63);
  now.accepted_per_second = 0;
  CHECK(desired_workers(now) == 1);
}

TEST_CASE("the quota bounds the workers where it is less than the calls at a time") {
  struct row {
    std::uint32_t calls;
    std::uint32_t quota;
    std::uint32_t expected;
  };
  // ceil(1.5 calls) + 4, and ceil(42 s * quota / 60) + ceil(quota / 6) + 1.
  const row each = GENERATE(
      row{64, 0, 100}, row{64, 120, 100}, row{64, 60, 53}, row{1, 0, 6}, row{1, 600, 6},
      row{1'000, 6, 7}, row{400, 0, 604}
  );
  workload now = busy();
  now.in_flight = 0;
  now.calls = each.calls;
  now.quota_per_minute = each.quota;
  CHECK(desired_workers(now) == each.expected);
}

TEST_CASE("the nearer a job is to the wait that is aimed at, the more workers it asks for") {
  struct row {
    std::chrono::seconds oldest;
    std::uint32_t expected;
  };
  // 30 jobs of 10 s each: within 30, 20 and 10 s, and for what is late within 7.5 s.
  const row each = GENERATE(row{0s, 10}, row{10s, 15}, row{20s, 30}, row{30s, 40}, row{600s, 40});
  workload now;
  now.pending = 30;
  now.oldest = each.oldest;
  now.attempt = 10s;
  now.calls = 1'000;
  CHECK(desired_workers(now) == each.expected);
}

TEST_CASE("who is at work is never asked to go") {
  workload now = busy();
  now.pending = 0;
  now.accepted_per_second = 0;
  now.in_flight = 130;
  CHECK(desired_workers(now) == 130);
  now.closed_for = 3h;
  CHECK(desired_workers(now) == 130);
}

TEST_CASE("a fleet that waits for a closed provider does not grow, and after a while it shrinks") {
  workload now = busy();
  now.closed_for = 60s;
  CHECK(desired_workers(now) == 72);
  now.in_flight = 0;
  now.closed_for = 599s;
  CHECK(desired_workers(now) == 72);
  now.closed_for = 20min;
  CHECK(desired_workers(now, floor_of(16)) == 16);
  CHECK(desired_workers(now) == 1);
}

TEST_CASE("nothing that is measured leads beyond the numbers") {
  workload now;
  now.pending = std::numeric_limits<std::uint64_t>::max();
  now.accepted_per_second = 1e300;
  now.attempt = std::chrono::hours{1'000'000};
  now.calls = std::numeric_limits<std::uint32_t>::max();
  CHECK(desired_workers(now) == 1'000'000);
  CHECK(desired_workers(workload{}, floor_of(0)) == 0);
}

}  // namespace stayler::policies
