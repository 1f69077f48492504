// SPDX-License-Identifier: MIT

// What is kept of the service's figures, for plots.

#include "policies/overview/overview_series.hpp"

#include "tests/support/catch.hpp"

#include <chrono>
#include <cmath>

using namespace stayler;
using namespace std::chrono_literals;
using policies::overview_series;
using policies::service_snapshot;

namespace {

const timestamp morning{480'000h};

service_snapshot counts_at(timestamp at, std::uint64_t accepted, std::uint64_t completed) {
  service_snapshot made{at, queue_status{}, latency_report{}, provider_status{}, spending_report{}};
  made.queue->counts.accepted = accepted;
  made.latencies->types = {
      {job_type::image_conversion, completed, 0, 0}, {job_type::image_processing, 1, 1, 1}};
  return made;
}

}  // namespace

TEST_CASE("a point has what came since the last snapshot, and how the service stands") {
  overview_series series;
  series.add(counts_at(morning, 10, 5));
  CHECK(series.newest() == nullptr);
  auto now = counts_at(morning + 1s, 13, 6);
  now.queue->counts.pending = 4;
  now.queue->oldest_pending = morning - 1s;
  now.queue->workers = {{"w1", "here", true, {}, {}, {}, 0, 0}, {}};
  now.provider->calls_in_flight = 2;
  now.costs->total.cost = 40'000;
  now.latencies->stages = {
      {"total", 3, 0.5, 1, 2}, {"uploading", 0, 0, 0, 0}, {"other", 1, 1, 1, 1}};
  now.latencies->failures = {{error_class::timeout, 0}};
  series.add(now);
  const auto& point = *series.newest();
  CHECK(point.time == 480'000LL * 3'600 + 1);
  CHECK(point.submitted == 3);
  CHECK(point.completed == 1);
  CHECK(point.failed == 0);
  CHECK(point.failures.empty());
  CHECK(point.pending == 4);
  CHECK(point.queue_age == 2);
  CHECK(point.busy_workers == 1);
  CHECK(point.calls_in_flight == 2);
  CHECK(point.cost == 40'000);
  CHECK(point.latencies.back().p99 == 2);
  CHECK(std::isnan(point.latencies[4].p50));
}

TEST_CASE("a part that is away for a while counts nothing twice, and nothing is lost") {
  overview_series series;
  series.add(counts_at(morning, 10, 5));
  service_snapshot without;
  without.at = morning + 1s;
  series.add(without);
  CHECK(series.newest()->submitted == 0);
  series.add(counts_at(morning + 2s, 12, 9));
  CHECK(series.newest()->submitted == 2);
  CHECK(series.newest()->completed == 4);
}

TEST_CASE("counters that begin anew count from there") {
  overview_series series;
  series.add(counts_at(morning, 10, 50));
  // With the one of the other type.
  series.add(counts_at(morning + 1s, 10, 2));
  CHECK(series.newest()->completed == 3);
}

TEST_CASE("failed attempts are told by class, for the time in which they failed") {
  overview_series series;
  auto snapshot = counts_at(morning, 0, 0);
  snapshot.latencies->failures = {{error_class::timeout, 3}};
  series.add(snapshot);
  snapshot.at += 1s;
  snapshot.latencies->failures = {{error_class::timeout, 4}, {error_class::no_image, 2}};
  series.add(snapshot);
  CHECK(
      series.newest()->failures
      == std::vector<failure_count>{{error_class::timeout, 1}, {error_class::no_image, 2}}
  );
  snapshot.at += 1s;
  snapshot.latencies->failures[0].attempts = 5;
  series.add(snapshot);
  CHECK(series.last(1h).points.back()->failures.size() == 2);
  CHECK(series.last(1h).points.back()->failures[0].attempts == 2);
}

TEST_CASE("a snapshot of the same second, or of an earlier one, is left out") {
  overview_series series;
  series.add(counts_at(morning, 1, 0));
  series.add(counts_at(morning + 1s, 2, 0));
  series.add(counts_at(morning + 1'500ms, 7, 0));
  series.add(counts_at(morning - 5s, 9, 0));
  CHECK(series.last(15min).points.size() == 1);
  series.add(counts_at(morning + 2s, 9, 0));
  CHECK(series.newest()->submitted == 7);
}

TEST_CASE("seconds are kept for a quarter of an hour, minutes for a day, and sums agree") {
  overview_series series;
  const int two_days = 2 * 24 * 3'600;
  for (int i = 0; i < two_days; ++i) {
    series.add(counts_at(morning + std::chrono::seconds{i}, static_cast<std::uint64_t>(i), 0));
  }
  const auto by_seconds = series.last(15min);
  CHECK(by_seconds.step == 1s);
  CHECK(by_seconds.points.size() == 900);
  CHECK(series.last(10s).points.size() == 10);
  const auto by_minutes = series.last(24h);
  CHECK(by_minutes.step == 60s);
  CHECK(by_minutes.points.size() == 24 * 60);
  CHECK(by_minutes.points[1]->submitted == 60);
  CHECK(by_minutes.points[1]->time - by_minutes.points[0]->time == 60);
  CHECK(series.last(20min).points.size() == 20);
}

TEST_CASE("spending by the hour is told when a minute of it is known") {
  overview_series series;
  auto snapshot = counts_at(morning, 0, 0);
  for (int i = 0; i <= 50; ++i) {
    snapshot.at = morning + std::chrono::seconds{i};
    series.add(snapshot);
  }
  CHECK(series.dollars_per_hour() == 0);
  for (int i = 51; i <= 119; ++i) {
    snapshot.at = morning + std::chrono::seconds{i};
    snapshot.costs->total.cost += 10'000;
    series.add(snapshot);
  }
  CHECK(series.dollars_per_hour() == Approx(36));
}
