// SPDX-License-Identifier: MIT
#include "http/api/json/worker/overview_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/jobs/pause_json.hpp"
#include "http/api/json/members/json_members.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

namespace stayler::http {

namespace {

using adapters::json_writer;
using policies::latency_figures;
using policies::overview_point;
using policies::overview_stages;

double tenths(double value) {
  return std::round(value * 10) / 10;
}

double in_milliseconds(double seconds) {
  return tenths(seconds * 1000);
}

// The series, each a name and how a point's value is written. Both forms of the overview are made
// of these, so that a tick fits to what came before it.

struct column {
  std::string_view name;
  void (*write)(json_writer& json, const overview_point& point);
};

constexpr column columns[] = {
    {"time", [](json_writer& json, const overview_point& point) { json.value(point.time); }},
    {"submitted",
     [](json_writer& json, const overview_point& point) { json.value(point.submitted); }},
    {"completed",
     [](json_writer& json, const overview_point& point) { json.value(point.completed); }},
    {"failed", [](json_writer& json, const overview_point& point) { json.value(point.failed); }},
    {"cancelled",
     [](json_writer& json, const overview_point& point) { json.value(point.cancelled); }},
    {"pending", [](json_writer& json, const overview_point& point) { json.value(point.pending); }},
    {"processing",
     [](json_writer& json, const overview_point& point) { json.value(point.processing); }},
    {"queueAge",
     [](json_writer& json, const overview_point& point) { json.value(tenths(point.queue_age)); }},
    {"busyWorkers",
     [](json_writer& json, const overview_point& point) { json.value(point.busy_workers); }},
    {"callsInFlight",
     [](json_writer& json, const overview_point& point) { json.value(point.calls_in_flight); }},
    {"cost",
     [](json_writer& json, const overview_point& point) { json.value(in_dollars(point.cost)); }},
};

struct quantile {
  std::string_view name;
  float latency_figures::*value;
};

constexpr quantile quantiles[] = {
    {"p50", &latency_figures::p50}, {"p90", &latency_figures::p90}, {"p99", &latency_figures::p99}};

std::uint64_t attempts_of(const overview_point& point, error_class error) {
  const auto found = std::ranges::find(point.failures, error, &failure_count::error);
  return found == point.failures.end() ? 0 : found->attempts;
}

using point_list = std::vector<const overview_point*>;

void write_latency_series(json_writer& json, const point_list& points) {
  json.key("latency").begin_object();
  for (std::size_t stage = 0; stage < overview_stages.size(); ++stage) {
    const bool is_known = std::ranges::any_of(points, [stage](const overview_point* each) {
      return !std::isnan(each->latencies[stage].p50);
    });
    if (!is_known) {
      continue;
    }
    json.key(overview_stages[stage]).begin_object();
    for (const quantile& which : quantiles) {
      json.key(which.name).begin_array();
      for (const overview_point* each : points) {
        json.value(in_milliseconds(each->latencies[stage].*which.value));
      }
      json.end_array();
    }
    json.end_object();
  }
  json.end_object();
}

void write_failure_series(json_writer& json, const point_list& points) {
  std::set<error_class> classes;
  for (const overview_point* each : points) {
    for (const failure_count& failed : each->failures) {
      classes.insert(failed.error);
    }
  }
  json.key("failures").begin_object();
  for (const error_class error : classes) {
    json.key(to_string(error)).begin_array();
    for (const overview_point* each : points) {
      json.value(attempts_of(*each, error));
    }
    json.end_array();
  }
  json.end_object();
}

void write_series(json_writer& json, const point_list& points) {
  json.key("series").begin_object();
  for (const column& which : columns) {
    json.key(which.name).begin_array();
    for (const overview_point* each : points) {
      which.write(json, *each);
    }
    json.end_array();
  }
  write_latency_series(json, points);
  write_failure_series(json, points);
  json.end_object();
}

void write_point(json_writer& json, const overview_point& point) {
  json.key("point").begin_object();
  for (const column& which : columns) {
    json.key(which.name);
    which.write(json, point);
  }
  json.key("latency").begin_object();
  for (std::size_t stage = 0; stage < overview_stages.size(); ++stage) {
    if (std::isnan(point.latencies[stage].p50)) {
      continue;
    }
    json.key(overview_stages[stage]).begin_object();
    for (const quantile& which : quantiles) {
      json.field(which.name, in_milliseconds(point.latencies[stage].*which.value));
    }
    json.end_object();
  }
  json.end_object().key("failures").begin_object();
  for (const failure_count& each : point.failures) {
    json.field(to_string(each.error), each.attempts);
  }
  json.end_object().end_object();
}

// How the service stands.

void write_counts(json_writer& json, const job_counts& counts) {
  json.key("jobs").begin_object().field("pending", counts.pending);
  json.field("scheduled", counts.scheduled).field("processing", counts.processing);
  json.field("completed", counts.completed).field("failed", counts.failed);
  json.field("cancelled", counts.cancelled).field("total", counts.accepted).end_object();
}

void write_types(json_writer& json, const latency_report& report) {
  json.key("types").begin_object();
  for (const type_count& each : report.types) {
    json.key(to_string(each.type)).begin_object().field("completed", each.completed);
    json.field("failed", each.failed).field("cancelled", each.cancelled).end_object();
  }
  json.end_object();
}

void write_run_state(json_writer& json, const queue_status& queue) {
  json.field("state", to_string(queue.state));
  write_pauses(json, queue.paused);
}

void write_queue(json_writer& json, const policies::service_snapshot& now) {
  json.key("queue");
  if (!now.queue) {
    json.null();
    return;
  }
  json.begin_object();
  write_run_state(json, *now.queue);
  json.field("queueAge", tenths(policies::queue_age(*now.queue, now.at)));
  write_counts(json, now.queue->counts);
  if (now.latencies) {
    write_types(json, *now.latencies);
  }
  json.end_object();
}

void write_workers(json_writer& json, const policies::service_snapshot& now) {
  json.key("workers");
  if (!now.queue) {
    json.null();
    return;
  }
  struct tally {
    std::uint64_t total = 0;
    std::uint64_t busy = 0;
  };
  tally all;
  std::map<std::string_view, tally> nodes;
  for (const worker_status& worker : now.queue->workers) {
    for (tally* each : {&all, &nodes[worker.node]}) {
      ++each->total;
      each->busy += worker.is_busy ? 1 : 0;
    }
  }
  json.begin_object().field("total", all.total).field("busy", all.busy).key("nodes").begin_array();
  for (const auto& [node, of_node] : nodes) {
    json.begin_object().field("node", node).field("total", of_node.total);
    json.field("busy", of_node.busy).end_object();
  }
  json.end_array().end_object();
}

void write_provider(json_writer& json, const policies::service_snapshot& now) {
  json.key("provider");
  if (!now.provider) {
    json.null();
    return;
  }
  const provider_status& provider = *now.provider;
  json.begin_object().field("breaker", to_string(provider.breaker));
  write_time_or_null(json, "closedUntil", provider.closed_until);
  json.field("closedReason", provider.closed_reason);
  json.field("callsInFlight", provider.calls_in_flight);
  json.field("callsWaiting", provider.calls_waiting).field("maxInFlight", provider.max_in_flight);
  json.key("requestsPerMinute");
  if (provider.requests_per_minute > 0) {
    json.value(provider.requests_per_minute);
  } else {
    json.null();
  }
  json.field("model", provider.model).end_object();
}

/// When the day's budget is spent at that rate; not set where it lasts until it begins anew.
timestamp used_up_at(const spending_report& costs, double dollars_per_hour, timestamp now) {
  if (costs.budget == 0 || dollars_per_hour <= 0 || !is_set(costs.resets_at)) {
    return {};
  }
  const micro_dollars spent = costs.total.cost + costs.reserved;
  const micro_dollars left = costs.budget > spent ? costs.budget - spent : 0;
  const std::chrono::duration<double, std::ratio<3'600>> hours{in_dollars(left) / dollars_per_hour};
  return hours > costs.resets_at - now ? timestamp{}
                                       : now + std::chrono::floor<std::chrono::seconds>(hours);
}

void write_costs(json_writer& json, const overview_facts& facts) {
  json.key("costs");
  if (!facts.now.costs) {
    json.null();
    return;
  }
  const spending_report& costs = *facts.now.costs;
  json.begin_object().field("day", costs.day).field("currency", "USD");
  json.field("total", in_dollars(costs.total.cost)).field("reserved", in_dollars(costs.reserved));
  write_budget(json, "budgetPerDay", costs.budget);
  write_time_or_null(json, "resetsAt", costs.resets_at);
  json.field("perHour", facts.dollars_per_hour);
  write_time(json, "usedUpAt", used_up_at(costs, facts.dollars_per_hour, facts.now.at));
  json.end_object();
}

void write_stages(json_writer& json, const policies::service_snapshot& now) {
  json.key("stages");
  if (!now.latencies) {
    json.null();
    return;
  }
  json.begin_object();
  for (const stage_latency& stage : now.latencies->stages) {
    json.key(stage.name).begin_object().field("count", stage.count);
    json.field("p50", in_milliseconds(stage.p50_seconds));
    json.field("p90", in_milliseconds(stage.p90_seconds));
    json.field("p99", in_milliseconds(stage.p99_seconds)).end_object();
  }
  json.end_object();
}

void write_head(json_writer& json, const overview_facts& facts, std::string_view scope) {
  json.field("at", to_rfc3339(facts.now.at)).field("scope", scope);
  json.field("instance", facts.instance);
}

void write_standing(json_writer& json, const overview_facts& facts) {
  write_head(json, facts, "all");
  json.field("coordinators", facts.now.provider ? facts.now.provider->coordinators : 1);
  write_queue(json, facts.now);
  write_workers(json, facts.now);
  write_provider(json, facts.now);
  write_costs(json, facts);
  write_stages(json, facts.now);
}

}  // namespace

std::string render_overview(
    const overview_facts& facts, const policies::overview_series::excerpt& history
) {
  json_writer json;
  json.begin_object();
  write_standing(json, facts);
  json.field("step", history.step.count());
  write_series(json, history.points);
  json.end_object();
  return std::move(json).text();
}

std::string render_overview_tick(
    const overview_facts& facts, const policies::overview_point& point
) {
  json_writer json;
  json.begin_object();
  write_standing(json, facts);
  write_point(json, point);
  json.end_object();
  return std::move(json).text();
}

std::string render_limited_overview(const overview_facts& facts) {
  json_writer json;
  json.begin_object();
  write_head(json, facts, "users");
  json.key("queue");
  if (facts.now.queue) {
    json.begin_object();
    write_run_state(json, *facts.now.queue);
    json.end_object();
  } else {
    json.null();
  }
  json.key("provider");
  if (facts.now.provider) {
    json.begin_object().field("breaker", to_string(facts.now.provider->breaker));
    write_time_or_null(json, "closedUntil", facts.now.provider->closed_until);
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
