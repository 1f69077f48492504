// SPDX-License-Identifier: MIT

// Rates and times from the store's counts, which count since the store was made, lose what is
// purged, and may begin anew.

#include "policies/scaling/workload_history.hpp"

#include "tests/support/catch.hpp"

namespace stayler::policies {

namespace {

using namespace std::chrono_literals;

constexpr timestamp begin{std::chrono::hours{1}};

/// A store that gets so many jobs a second and completes each after so long, seen every 5 s.
struct observed {
  workload_history history;
  job_counts counts;
  timestamp now = begin;

  observed() { history.add(counts, now); }

  void pass(
      std::chrono::seconds time, std::uint64_t accepted, std::uint64_t completed, milliseconds each
  ) {
    for (const timestamp end = now + time; now < end;) {
      now += 5s;
      counts.accepted += 5 * accepted;
      counts.completed += 5 * completed;
      counts.pending += 5 * accepted;
      counts.pending -= 5 * completed;
      counts.completed_job_time += 5 * completed * each;
      history.add(counts, now);
    }
  }
};

}  // namespace

TEST_CASE("before two looks there is no rate, and before an attempt has ended no time of one") {
  observed it;
  CHECK(it.history.accepted_per_second() == 0);
  CHECK(it.history.ended_per_second() == 0);
  CHECK_FALSE(it.history.attempt());
  const workload_history none;
  CHECK(none.accepted_per_second() == 0);
  CHECK_FALSE(none.attempt());
}

TEST_CASE("rates are those of the last two minutes") {
  observed it;
  it.pass(60s, 8, 2, 10s);
  CHECK(it.history.accepted_per_second() == Approx(8));
  CHECK(it.history.ended_per_second() == Approx(2));
  it.pass(120s, 1, 3, 10s);
  CHECK(it.history.accepted_per_second() == Approx(1));
  CHECK(it.history.ended_per_second() == Approx(3));
  it.pass(60s, 0, 0, 0s);
  CHECK(it.history.accepted_per_second() == Approx(0.5));
}

TEST_CASE("how long attempts take is the mean of the last ten minutes") {
  observed it;
  it.pass(600s, 1, 1, 40s);
  CHECK(it.history.attempt()->count() == Approx(40));
  it.pass(300s, 1, 1, 20s);
  CHECK(it.history.attempt()->count() == Approx(30));
  it.pass(600s, 1, 1, 20s);
  CHECK(it.history.attempt()->count() == Approx(20));
}

TEST_CASE("where none has ended lately, those before say how long they take") {
  observed it;
  it.pass(60s, 1, 1, 40s);
  it.pass(1'200s, 0, 0, 0s);
  CHECK(it.history.attempt()->count() == Approx(40));
}

TEST_CASE("what a store knows from before counts until attempts end") {
  workload_history history;
  job_counts counts;
  counts.accepted = counts.completed = 1'000;
  counts.completed_job_time = 25'000s;
  history.add(counts, begin);
  CHECK(history.attempt()->count() == Approx(25));
  CHECK(history.accepted_per_second() == 0);
}

TEST_CASE("finished jobs that are removed change neither rates nor times") {
  observed it;
  it.pass(60s, 2, 2, 10s);
  it.counts.completed = 0;
  it.pass(60s, 2, 2, 10s);
  CHECK(it.history.accepted_per_second() == Approx(2));
  CHECK(it.history.ended_per_second() == Approx(2));
  CHECK(it.history.attempt()->count() == Approx(10));
}

TEST_CASE("a store that begins anew begins a new history") {
  observed it;
  it.pass(60s, 10, 10, 10s);
  it.counts = {};
  it.history.add(it.counts, it.now += 5s);
  CHECK(it.history.accepted_per_second() == 0);
  it.pass(60s, 1, 1, 5s);
  CHECK(it.history.accepted_per_second() == Approx(1));
  CHECK(it.history.attempt()->count() == Approx(5));
}

}  // namespace stayler::policies
