// SPDX-License-Identifier: MIT

// What is shown of the service as it stands, where all its parts have answered.

#include "http/api/json/worker/overview_json.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using adapters::json_value;

namespace {

policies::service_snapshot whole_service() {
  policies::service_snapshot made{
      timestamp{1'000s}, queue_status{}, latency_report{}, provider_status{}, spending_report{}};
  made.queue->workers = {
      {"w1", "b", true, {}, {}, {}, 0, 0},
      {"w2", "a", false, {}, {}, {}, 0, 0},
      {"w3", "b", false, {}, {}, {}, 0, 0}};
  made.provider->breaker = breaker_state::half_open;
  made.provider->closed_until = timestamp{2'000s};
  made.provider->calls_in_flight = 3;
  made.provider->coordinators = 2;
  made.costs->day = "2026-11-30";
  made.costs->total.cost = 1'500'000;
  made.costs->reserved = 500'000;
  made.costs->budget = 10'000'000;
  made.costs->resets_at = timestamp{1'000s} + 10h;
  return made;
}

json_value shown(const policies::service_snapshot& now, double dollars_per_hour) {
  return adapters::parse_json(http::render_overview({now, "staging", dollars_per_hour}, {1s, {}})
  ).value();
}

std::string text_of(const json_value& from, std::string_view name) {
  return *from.find(name)->as<std::string>();
}

}  // namespace

TEST_CASE("the overview shows provider, workers by node, and what the day has cost") {
  const auto json = shown(whole_service(), 2);
  const auto& provider = *json.find("provider");
  CHECK(text_of(provider, "breaker") == "half_open");
  CHECK(text_of(provider, "closedUntil") == "1970-01-01T00:33:20.000Z");
  CHECK(provider.find("requestsPerMinute")->is_null());
  CHECK(*json.find("coordinators")->as<std::int64_t>() == 2);
  const auto& nodes = *json.find("workers")->find("nodes")->as<json_value::array>();
  REQUIRE(nodes.size() == 2);
  CHECK(text_of(nodes[1], "node") == "b");
  CHECK(*nodes[1].find("total")->as<std::int64_t>() == 2);
  CHECK(*nodes[1].find("busy")->as<std::int64_t>() == 1);
  const auto& costs = *json.find("costs");
  CHECK(*costs.find("total")->as<double>() == 1.5);
  CHECK(*costs.find("budgetPerDay")->as<std::int64_t>() == 10);
}

TEST_CASE("when the budget is used up is said where it is before the day ends") {
  const auto costs_at = [](double dollars_per_hour, const policies::service_snapshot& now) {
    const auto json = shown(now, dollars_per_hour);
    const auto* at = json.find("costs")->find("usedUpAt");
    return at == nullptr ? std::string{} : *at->as<std::string>();
  };
  // Eight dollars are left.
  CHECK(costs_at(2, whole_service()) == "1970-01-01T04:16:40.000Z");
  CHECK(costs_at(0.5, whole_service()).empty());
  CHECK(costs_at(0, whole_service()).empty());
  auto without = whole_service();
  without.costs->budget = 0;
  CHECK(costs_at(2, without).empty());
}

TEST_CASE("a tick has what the series have, for one step") {
  policies::overview_point point;
  point.time = 1'000;
  point.submitted = 7;
  point.failures = {{error_class::timeout, 2}};
  point.latencies.back() = {0.5F, 1, 2};
  const auto now = whole_service();
  const auto tick =
      adapters::parse_json(http::render_overview_tick({now, "staging", 0}, point)).value();
  const auto history =
      adapters::parse_json(http::render_overview({now, "staging", 0}, {1s, {&point}})).value();
  for (const auto& [name, value] : *history.find("series")->as<json_value::object>()) {
    INFO(name);
    CHECK(tick.find("point")->find(name) != nullptr);
  }
  CHECK(*tick.find("point")->find("submitted")->as<std::int64_t>() == 7);
  CHECK(*tick.find("point")->find("failures")->find("timeout")->as<std::int64_t>() == 2);
  CHECK(
      *tick.find("point")->find("latency")->find("total")->find("p50")->as<std::int64_t>() == 500
  );
  CHECK(tick.find("point")->find("latency")->find("queue_wait") == nullptr);
  const auto& totals = *history.find("series")->find("latency")->find("total");
  CHECK(*totals.find("p99")->as<json_value::array>()->front().as<std::int64_t>() == 2'000);
}
