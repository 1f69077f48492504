// SPDX-License-Identifier: MIT
// What operators alert on: there before the first failure, and gone with what it is about.
#include "tests/support/catch.hpp"
#include "tests/unit/adapters/metrics_registry/exposition.hpp"

namespace stayler::adapters {

using namespace std::chrono_literals;

TEST_CASE("what alerts look for is there at 0 before the first of it") {
  const auto registry = make_registry();
  registry->count(tree_report{{{"worker-1", 0}, {"queue", 0}}, 0});
  registry->count(route_report{{{"GET", "/worker/jobs/{id}"}}});
  const auto all = parse(registry->render()).samples;
  for (const char* series :
       {R"(stayler_job_attempts_total{error_class="timeout",outcome="retried"})",
        R"(stayler_job_attempts_total{error_class="ambiguous_call",outcome="failed"})",
        R"(stayler_job_attempts_total{error_class="worker_lost",outcome="interrupted"})",
        R"(stayler_gemini_requests_total{error_class="permission",model="m",status="403"})",
        R"(stayler_gemini_requests_total{error_class="timeout",model="m",status="none"})",
        R"(stayler_actor_restarts_total{actor="worker"})",
        R"(stayler_actor_restarts_total{actor="queue"})",
        R"(stayler_http_requests_total{method="GET",route="/worker/jobs/{id}",status="500"})",
        R"(stayler_http_requests_total{method="GET",route="/worker/jobs/{id}",status="503"})",
        R"(stayler_http_requests_total{method="GET",route="/worker/jobs/{id}",status="504"})",
        R"(stayler_store_errors_total{class="unavailable"})",
        R"(stayler_job_end_to_end_seconds_count{outcome="failed",type="image_processing"})",
        R"(stayler_jobs_held{reason="quota"})",
        R"(stayler_types_paused{type="image_conversion"})"}) {
    INFO(series);
    REQUIRE(all.contains(series));
    CHECK(all.at(series) == 0);
  }
}

TEST_CASE("every error class has its attempts from the start, and counts on in the same series") {
  const auto registry = make_registry();
  registry->count(queue_report{});
  const auto before = parse(registry->render()).samples;
  queue_report report;
  for (std::uint8_t kind = 1; kind <= static_cast<std::uint8_t>(error_class::ambiguous_call);
       ++kind) {
    for (const auto end : {job_event_kind::retried, job_event_kind::failed}) {
      report.events.push_back(ended(end, static_cast<error_class>(kind)));
    }
  }
  registry->count(report);
  const auto after = parse(registry->render()).samples;
  CHECK(before.size() == after.size());
}

TEST_CASE("sums that the store keeps begin with what it tells, not at 0") {
  const auto registry = make_registry();
  for (const char* series :
       {"stayler_ambiguous_calls_total", "stayler_stale_reports_total",
        "stayler_store_repairs_total"}) {
    INFO(series);
    CHECK_FALSE(parse(registry->render()).samples.contains(series));
  }
  queue_report report;
  report.counts.ambiguous_calls = 7;
  registry->count(report);
  CHECK(parse(registry->render()).samples.at("stayler_ambiguous_calls_total") == 7);
}

TEST_CASE("a node's series goes with it, and its name with that") {
  const auto registry = make_registry();
  queue_report report;
  for (int i = 0; i < 300; ++i) {
    report.nodes = {{"pod-" + std::to_string(i), 8, 3}};
    registry->count(report);
  }
  const auto all = parse(registry->render()).samples;
  CHECK(all.at(R"(stayler_node_slots{node="pod-299"})") == 8);
  CHECK_FALSE(all.contains(R"(stayler_node_slots{node="pod-298"})"));
  CHECK_FALSE(all.contains(R"(stayler_node_slots_busy{node="other"})"));
}

TEST_CASE("nodes beyond those that have a label share one, as a sum") {
  const auto registry = make_registry();
  queue_report report;
  for (int i = 0; i < 260; ++i) {
    report.nodes.push_back({"pod-" + std::to_string(i), 8, 3});
  }
  registry->count(report);
  auto all = parse(registry->render()).samples;
  CHECK(all.at(R"(stayler_node_slots{node="other"})") == 4 * 8);
  CHECK(all.at(R"(stayler_node_slots_busy{node="other"})") == 4 * 3);
  report.nodes.resize(200);
  registry->count(report);
  all = parse(registry->render()).samples;
  CHECK_FALSE(all.contains(R"(stayler_node_slots{node="other"})"));
}

TEST_CASE("a queue that is held is shown by the reason, and only while it is") {
  const auto registry = make_registry();
  workload_report report;
  report.oldest_waits = 90s;
  report.held_by = hold_reason::budget;
  report.held = 7;
  report.paused = {job_type::image_processing};
  report.workers_desired = 12;
  registry->count(report);
  auto all = parse(registry->render()).samples;
  CHECK(all.at("stayler_queue_oldest_pending_seconds") == 90);
  CHECK(all.at(R"(stayler_jobs_held{reason="budget"})") == 7);
  CHECK(all.at(R"(stayler_jobs_held{reason="stopped"})") == 0);
  CHECK(all.at(R"(stayler_types_paused{type="image_processing"})") == 1);
  CHECK(all.at("stayler_workers_desired") == 12);
  registry->count(workload_report{});
  all = parse(registry->render()).samples;
  CHECK(all.at(R"(stayler_jobs_held{reason="budget"})") == 0);
  CHECK(all.at(R"(stayler_types_paused{type="image_processing"})") == 0);
  CHECK_FALSE(all.contains("stayler_workers_desired"));
}

TEST_CASE("budget, health, event streams and certificates are shown as they were last told") {
  const auto registry = make_registry();
  spending_report costs;
  costs.budget = 20'000'000;
  costs.total.cost = 1'500'000;
  registry->count(costs);
  health_report health;
  health.checks = {
      {"queue", health_state::healthy, {}, {}},
      {"storage", health_state::degraded, {}, {}},
      {"codec", health_state::unhealthy, {}, {}},
      {"gemini", health_state::starting, {}, {}}};
  registry->count(health);
  registry->count(event_streams_report{3});
  registry->count(certificate_event{timestamp{1'000s}, certificate_event::use::api});
  registry->count(certificate_event{timestamp{2'000s}, certificate_event::use::nodes});
  const auto all = parse(registry->render()).samples;
  CHECK(all.at("stayler_gemini_budget_dollars") == 20);
  CHECK(all.at("stayler_gemini_spent_dollars") == 1.5);
  CHECK(all.at(R"(stayler_health{part="queue"})") == 0);
  CHECK(all.at(R"(stayler_health{part="storage"})") == 1);
  CHECK(all.at(R"(stayler_health{part="codec"})") == 2);
  CHECK(all.at(R"(stayler_health{part="gemini"})") == 2);
  CHECK(all.at("stayler_event_streams_open") == 3);
  CHECK(all.at(R"(stayler_certificate_expiry_timestamp_seconds{use="api"})") == 1'000);
  CHECK(all.at(R"(stayler_certificate_expiry_timestamp_seconds{use="nodes"})") == 2'000);
  CHECK(all.at("stayler_tls_certificate_expiry_timestamp_seconds") == 1'000);
}

}  // namespace stayler::adapters
