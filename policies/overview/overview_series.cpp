// SPDX-License-Identifier: MIT
#include "policies/overview/overview_series.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace stayler::policies {

namespace {

std::int64_t unix_seconds(timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::int64_t minute_of(const overview_point& point) {
  return point.time / 60;
}

/// How far a count has come; one that begins anew, as with a day or an actor, counts from there.
std::uint64_t growth(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

type_count sum_of(const std::vector<type_count>& types) {
  type_count sum;
  for (const type_count& each : types) {
    sum.completed += each.completed;
    sum.failed += each.failed;
    sum.cancelled += each.cancelled;
  }
  return sum;
}

std::uint64_t attempts_of(const std::vector<failure_count>& failures, error_class error) {
  const auto found = std::ranges::find(failures, error, &failure_count::error);
  return found == failures.end() ? 0 : found->attempts;
}

void add_failures(std::vector<failure_count>& into, error_class error, std::uint64_t attempts) {
  const auto found = std::ranges::find(into, error, &failure_count::error);
  if (found != into.end()) {
    found->attempts += attempts;
  } else if (attempts > 0) {
    into.push_back({error, attempts});
  }
}

void count_jobs(overview_point& point, const latency_report& before, const latency_report& now) {
  const type_count earlier = sum_of(before.types);
  const type_count later = sum_of(now.types);
  point.completed = growth(earlier.completed, later.completed);
  point.failed = growth(earlier.failed, later.failed);
  point.cancelled = growth(earlier.cancelled, later.cancelled);
  for (const failure_count& each : now.failures) {
    add_failures(
        point.failures, each.error, growth(attempts_of(before.failures, each.error), each.attempts)
    );
  }
}

void take_latencies(overview_point& point, const latency_report& report) {
  for (const stage_latency& stage : report.stages) {
    const auto* const place = std::ranges::find(overview_stages, stage.name);
    if (place != overview_stages.end() && stage.count > 0) {
      point.latencies[static_cast<std::size_t>(place - overview_stages.begin())] = {
          static_cast<float>(stage.p50_seconds), static_cast<float>(stage.p90_seconds),
          static_cast<float>(stage.p99_seconds)};
    }
  }
}

void take_queue(overview_point& point, const queue_status& status, timestamp at) {
  point.pending = status.counts.pending;
  point.processing = status.counts.processing;
  point.queue_age = queue_age(status, at);
  point.busy_workers = static_cast<std::uint32_t>(
      std::ranges::count_if(status.workers, [](const worker_status& one) { return one.is_busy; })
  );
}

/// How the service stood is told by the later one.
void merge(overview_point& earlier, overview_point later) {
  later.submitted += earlier.submitted;
  later.completed += earlier.completed;
  later.failed += earlier.failed;
  later.cancelled += earlier.cancelled;
  later.cost += earlier.cost;
  for (const failure_count& each : earlier.failures) {
    add_failures(later.failures, each.error, each.attempts);
  }
  earlier = std::move(later);
}

/// A part that is missing is as it was, so that nothing of it is counted twice.
template <class Part>
void keep_known(std::optional<Part>& last, const std::optional<Part>& now) {
  if (now) {
    last = now;
  }
}

void drop_older_than(std::deque<overview_point>& points, std::int64_t time) {
  while (!points.empty() && points.front().time <= time) {
    points.pop_front();
  }
}

}  // namespace

double queue_age(const queue_status& status, timestamp now) {
  const auto age = is_set(status.oldest_pending) && now > status.oldest_pending
                       ? now - status.oldest_pending
                       : milliseconds{0};
  return std::chrono::duration<double>(age).count();
}

overview_point overview_series::point_since_last(const service_snapshot& now) const {
  overview_point point;
  point.time = unix_seconds(now.at);
  if (now.queue) {
    take_queue(point, *now.queue, now.at);
    point.submitted =
        last_.queue ? growth(last_.queue->counts.accepted, now.queue->counts.accepted) : 0;
  }
  if (now.latencies) {
    take_latencies(point, *now.latencies);
    count_jobs(point, last_.latencies ? *last_.latencies : *now.latencies, *now.latencies);
  }
  if (now.provider) {
    point.calls_in_flight = now.provider->calls_in_flight;
  }
  if (now.costs && last_.costs) {
    point.cost = growth(last_.costs->total.cost, now.costs->total.cost);
  }
  return point;
}

void overview_series::add(const service_snapshot& now) {
  const bool is_first = !is_set(last_.at);
  if (!is_first && unix_seconds(now.at) <= unix_seconds(last_.at)) {
    return;
  }
  if (!is_first) {
    overview_point point = point_since_last(now);
    add_to_minutes(point);
    drop_older_than(seconds_, point.time - span_of_seconds.count());
    seconds_.push_back(std::move(point));
  }
  last_.at = now.at;
  keep_known(last_.queue, now.queue);
  keep_known(last_.latencies, now.latencies);
  keep_known(last_.costs, now.costs);
}

void overview_series::add_to_minutes(const overview_point& point) {
  if (!minutes_.empty() && minute_of(minutes_.back()) == minute_of(point)) {
    merge(minutes_.back(), point);
    return;
  }
  drop_older_than(minutes_, point.time - std::chrono::seconds{span_of_minutes}.count());
  minutes_.push_back(point);
}

overview_series::excerpt overview_series::last(std::chrono::seconds window) const {
  const bool by_seconds = window <= span_of_seconds;
  const auto& points = by_seconds ? seconds_ : minutes_;
  excerpt made{std::chrono::seconds{by_seconds ? 1 : 60}, {}};
  for (const overview_point& each : points) {
    if (each.time > points.back().time - window.count()) {
      made.points.push_back(&each);
    }
  }
  return made;
}

const overview_point* overview_series::newest() const {
  return seconds_.empty() ? nullptr : &seconds_.back();
}

double overview_series::dollars_per_hour() const {
  constexpr std::int64_t hour = 3'600;
  constexpr std::int64_t enough = 60;
  if (minutes_.empty()) {
    return 0;
  }
  const auto first = std::ranges::find_if(minutes_, [&](const overview_point& each) {
    return each.time > minutes_.back().time - hour;
  });
  // What the first one tells came before its end.
  const micro_dollars spent = std::accumulate(
      std::next(first), minutes_.end(), micro_dollars{0},
      [](micro_dollars sum, const overview_point& each) { return sum + each.cost; }
  );
  const std::int64_t seconds = minutes_.back().time - first->time;
  return seconds < enough ? 0
                          : static_cast<double>(spent) / 1e6 * static_cast<double>(hour)
                                / static_cast<double>(seconds);
}

}  // namespace stayler::policies
