// SPDX-License-Identifier: MIT
// Proves that counts are exact, that names are the promised ones, and that the text is what
// Prometheus reads.
#include "adapters/metrics_registry/latency_window.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/adapters/metrics_registry/exposition.hpp"

namespace stayler::adapters {

using namespace std::chrono_literals;

TEST_CASE("the former worker's metrics are there from the start, with their types") {
  const auto registry = make_registry("1.2.3");
  auto all = parse(registry->render());
  const std::map<std::string, std::string> types{
      {"worker_jobs_total", "counter"},     {"worker_jobs_pending", "gauge"},
      {"worker_jobs_processing", "gauge"},  {"worker_jobs_completed", "untyped"},
      {"worker_jobs_failed", "untyped"},    {"worker_active_workers", "gauge"},
      {"worker_average_job_time", "gauge"}, {"worker_success_rate", "gauge"},
  };
  for (const auto& [name, type] : types) {
    INFO(name);
    CHECK(all.types[name] == type);
    REQUIRE(all.samples.count(name) == 1);
    CHECK(all.samples[name] == (name == "worker_success_rate" ? 1 : 0));
  }
  CHECK(
      all.samples[R"(stayler_build_info{revision="0123456789ab",role="all",version="1.2.3"})"] == 1
  );
}

TEST_CASE("job events move the counters, the counts of the report the gauges") {
  using enum job_event_kind;
  const auto registry = make_registry();
  queue_report report;
  report.events = {
      job_event_of(accepted),
      job_event_of(accepted),
      job_event_of(accepted),
      job_event_of(started),
      ended(completed, error_class::none),
      ended(retried, error_class::timeout),
      ended(retried, error_class::timeout),
      ended(failed, error_class::safety_blocked),
      ended(interrupted, error_class::none),
      job_event_of(cancelled),
  };
  report.counts.pending = 7;
  report.counts.scheduled = 2;
  report.counts.processing = 3;
  report.counts.completed = 30;
  report.counts.failed = 10;
  report.counts.completed_job_time = 45'000ms;
  report.counts.stale_reports = 4;
  report.counts.ambiguous_calls = 5;
  report.counts.repaired = 6;
  report.active_workers = 5;
  report.batch_size = 10;
  report.batch_time = 800us;
  report.store_errors = {error_class::store_full};
  registry->count(report);
  auto all = parse(registry->render()).samples;
  CHECK(all["worker_jobs_total"] == 3);
  CHECK(all["worker_jobs_completed"] == 1);
  CHECK(all["worker_jobs_failed"] == 1);
  CHECK(all["worker_jobs_pending"] == 7);
  CHECK(all["worker_jobs_processing"] == 3);
  CHECK(all["worker_active_workers"] == 5);
  CHECK(all["worker_average_job_time"] == 1'500);
  CHECK(all["worker_success_rate"] == 0.75);
  CHECK(all["stayler_jobs_scheduled"] == 2);
  CHECK(all["stayler_jobs_cancelled_total"] == 1);
  CHECK(all["stayler_jobs_interrupted_total"] == 1);
  CHECK(all["stayler_stale_reports_total"] == 4);
  CHECK(all["stayler_ambiguous_calls_total"] == 5);
  CHECK(all["stayler_store_repairs_total"] == 6);
  CHECK(all[R"(stayler_job_attempts_total{error_class="timeout",outcome="retried"})"] == 2);
  CHECK(all[R"(stayler_job_attempts_total{error_class="safety_blocked",outcome="failed"})"] == 1);
  CHECK(all[R"(stayler_job_attempts_total{error_class="none",outcome="completed"})"] == 1);
  CHECK(all[R"(stayler_job_duration_seconds_sum{type="image_conversion"})"] == 1.5);
  CHECK(all["stayler_job_queue_wait_seconds_count"] == 1);
  const std::string end_to_end = "stayler_job_end_to_end_seconds_";
  CHECK(all[end_to_end + R"(sum{outcome="completed",type="image_conversion"})"] == 100);
  CHECK(all[end_to_end + R"(bucket{outcome="failed",type="image_conversion",le="90"})"] == 0);
  CHECK(all[end_to_end + R"(bucket{outcome="failed",type="image_conversion",le="120"})"] == 1);
  CHECK(all["stayler_dead_letters"] == 10);
  CHECK(all[R"(stayler_store_errors_total{class="store_full"})"] == 1);
  CHECK(all[R"(stayler_store_errors_total{class="unavailable"})"] == 0);
  CHECK(all["stayler_store_batch_size_count"] == 1);
  CHECK(all[R"(stayler_store_batch_size_bucket{le="8"})"] == 0);
  CHECK(all[R"(stayler_store_batch_size_bucket{le="16"})"] == 1);
}

TEST_CASE("a counter never goes back, even where the store's own count does") {
  const auto registry = make_registry();
  queue_report report;
  for (const std::uint64_t stale : {4U, 1U, 6U}) {
    report.counts.stale_reports = stale;
    registry->count(report);
  }
  CHECK(parse(registry->render()).samples["stayler_stale_reports_total"] == 6);
}

TEST_CASE("provider requests count by status and class, their tokens by modality") {
  const auto registry = make_registry();
  registry->count(provider_event{
      200, error_class::none, 20s, {560, 1120, 7, 1687, 536, 1120}, 0, "m"});
  registry->count(provider_event{429, error_class::rate_limited, 100ms, {}, 0, "m"});
  registry->count(provider_event{0, error_class::connection, 10ms, {}, 0, "n"});
  auto all = parse(registry->render()).samples;
  CHECK(all[R"(stayler_gemini_requests_total{error_class="none",model="m",status="200"})"] == 1);
  CHECK(
      all[R"(stayler_gemini_requests_total{error_class="rate_limited",model="m",status="429"})"]
      == 1
  );
  CHECK(
      all[R"(stayler_gemini_requests_total{error_class="connection",model="n",status="none"})"] == 1
  );
  CHECK(all["stayler_gemini_request_duration_seconds_count"] == 3);
  CHECK(all[R"(stayler_gemini_tokens_total{kind="prompt",modality="image"})"] == 536);
  CHECK(all[R"(stayler_gemini_tokens_total{kind="prompt",modality="text"})"] == 24);
  CHECK(all[R"(stayler_gemini_tokens_total{kind="output",modality="image"})"] == 1120);
  CHECK(all[R"(stayler_gemini_tokens_total{kind="thought",modality="text"})"] == 7);
}

TEST_CASE("codec processes that were lost are counted by the reason, from 0 on") {
  const auto registry = make_registry();
  const auto sample = [&](const std::string& name) {
    return parse(registry->render()).samples.at(name);
  };
  const std::string crashed = R"(stayler_codec_processes_lost_total{reason="crashed"})";
  CHECK(sample(crashed) == 0);
  CHECK(sample("stayler_codec_processes") == 0);
  codec_status status;
  status.running = 3;
  losses_of(status, codec_loss::crashed) = 2;
  status.retried_calls = 1;
  status.prepared_before = 5;
  registry->count(status);
  registry->count(status);
  CHECK(sample(crashed) == 2);
  CHECK(sample(R"(stayler_codec_processes_lost_total{reason="timeout"})") == 0);
  CHECK(sample("stayler_codec_retries_total") == 1);
  CHECK(sample("stayler_codec_cache_hits_total") == 5);
  CHECK(sample("stayler_codec_processes") == 3);
}

TEST_CASE("the result cache's hits and misses add up, its size is the last one told") {
  const auto registry = make_registry();
  registry->count(cache_event{2, 1, 10, 5'000});
  registry->count(cache_event{0, 3, 9, 4'000});
  const auto all = parse(registry->render());
  CHECK(all.samples.at("stayler_result_cache_hits_total") == 2);
  CHECK(all.samples.at("stayler_result_cache_misses_total") == 4);
  CHECK(all.samples.at("stayler_result_cache_entries") == 9);
  CHECK(all.samples.at("stayler_result_cache_bytes") == 4'000);
  CHECK(all.types.at("stayler_result_cache_hits_total") == "counter");
  CHECK(all.types.at("stayler_result_cache_bytes") == "gauge");
}

TEST_CASE("notifications are counted as they are told") {
  const auto registry = make_registry();
  registry->count(notification_report{7, 2, 1, 3});
  notification_report report{4, 3, 0, 1};
  report.failed.at(static_cast<std::size_t>(delivery_problem::redirect)) = 5;
  registry->count(report);
  auto all = parse(registry->render()).samples;
  CHECK(all["stayler_notifications_open"] == 4);
  CHECK(all["stayler_notifications_delivered_total"] == 5);
  CHECK(all["stayler_notifications_given_up_total"] == 1);
  CHECK(all["stayler_notifications_unsaved_total"] == 4);
  CHECK(all[R"(stayler_notification_failures_total{problem="redirect"})"] == 5);
  CHECK(all.contains(R"(stayler_notification_failures_total{problem="gone"})"));
}

TEST_CASE("whatever is asked for, the number of series stays bounded") {
  const auto registry = make_registry();
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    const auto text = std::to_string(i);
    registry->count(http_event{"/route/" + text, "GET", 200, 1ms});
    registry->count(http_event{"raw path " + text, "METHOD" + text, 1'000U + i, 1ms});
    registry->count(restart_event{"worker-" + text, "fault"});
    registry->count(restart_event{std::string(1 + i % 200, 'x') + "-" + text, "fault"});
  }
  auto all = parse(registry->render()).samples;
  double requests = 0;
  std::size_t request_series = 0;
  std::size_t restart_series = 0;
  for (const auto& [name, value] : all) {
    if (name.starts_with("stayler_http_requests_total{")) {
      requests += value;
      ++request_series;
    }
    restart_series += name.starts_with("stayler_actor_restarts_total{") ? 1 : 0;
  }
  CHECK(requests == 2'000);
  CHECK(request_series <= 130);
  CHECK(restart_series <= 33);
  CHECK(all[R"(stayler_http_requests_total{method="GET",route="/route/3",status="200"})"] == 1);
  CHECK(
      all[R"(stayler_http_requests_total{method="other",route="other",status="other"})"] == 1'000
  );
  CHECK(all[R"(stayler_actor_restarts_total{actor="worker"})"] == 1'000);
}

TEST_CASE("the memory of the HTTP front end is shown by kind, and refusals only grow") {
  const auto registry = make_registry();
  registry->count(http_memory_report{{{"arriving", 10, 100, 1}, {"answers", 20, 200, 2}}});
  registry->count(http_memory_report{{{"arriving", 5, 100, 4}}});
  const auto all = parse(registry->render()).samples;
  CHECK(all.at("stayler_http_memory_bytes{kind=\"arriving\"}") == 5);
  CHECK(all.at("stayler_http_memory_limit_bytes{kind=\"arriving\"}") == 100);
  CHECK(all.at("stayler_http_memory_refusals_total{kind=\"arriving\"}") == 4);
  CHECK(all.at("stayler_http_memory_bytes{kind=\"answers\"}") == 20);
}

TEST_CASE("label values that hold quotes, backslashes and line ends do not break the text") {
  const auto registry = make_registry("1\"\\\n2");
  const auto all = parse(registry->render()).samples;
  CHECK(all.contains(R"(stayler_build_info{revision="0123456789ab",role="all",version="1\"\\\n2"})")
  );
}

TEST_CASE("the process's own figures are plausible") {
  const auto registry = make_registry();
  auto all = parse(registry->render()).samples;
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
  CHECK(all["process_start_time_seconds"] > now.count() - 3'600);
  CHECK(all["process_start_time_seconds"] < now.count() + 2);
  CHECK(all["process_resident_memory_bytes"] > 1e6);
  CHECK(all["process_resident_memory_bytes"] < 4e9);
  CHECK(all["process_cpu_seconds_total"] > 0);
  CHECK(all["process_open_fds"] >= 3);
  CHECK(all["process_max_fds"] >= all["process_open_fds"]);
  CHECK(all[R"(stayler_disk_size_bytes{path="/tmp"})"] > 0);
  CHECK(
      all[R"(stayler_disk_free_bytes{path="/tmp"})"]
      <= all[R"(stayler_disk_size_bytes{path="/tmp"})"]
  );
}

TEST_CASE("latencies are told per stage, finished jobs per type, failed attempts per class") {
  using enum job_event_kind;
  const auto registry = make_registry();
  for (int i = 1; i <= 100; ++i) {
    registry->count(stage_event{job_stage::processing, i * 10ms});
  }
  auto processing_job = ended(completed, error_class::none);
  processing_job.type = job_type::image_processing;
  auto start = job_event_of(started);
  start.queue_wait = 4ms;
  queue_report report;
  report.events = {
      start, processing_job, ended(failed, error_class::timeout), job_event_of(cancelled)};
  registry->count(report);
  const auto told = registry->latencies();
  std::map<std::string, stage_latency> stages;
  for (const auto& stage : told.stages) {
    stages[stage.name] = stage;
  }
  CHECK(stages.size() == 8);
  CHECK(stages["processing"].count == 100);
  CHECK(stages["processing"].p50_seconds == Approx(0.5).epsilon(0.04));
  CHECK(stages["processing"].p90_seconds == Approx(0.9).epsilon(0.04));
  CHECK(stages["processing"].p99_seconds == Approx(0.99).epsilon(0.04));
  CHECK(stages["queue_wait"].p50_seconds == Approx(0.004).epsilon(0.04));
  CHECK(stages["total"].p50_seconds == Approx(1.5).epsilon(0.04));
  CHECK(stages["uploading"].count == 0);
  CHECK(stages["uploading"].p99_seconds == 0);
  const std::vector<type_count> types{
      {job_type::image_conversion, 0, 1, 1}, {job_type::image_processing, 1, 0, 0}};
  CHECK(told.types == types);
  CHECK(told.failures == std::vector<failure_count>{{error_class::timeout, 1}});
}

TEST_CASE("a duration leaves the window after five minutes and not before four") {
  latency_window window;
  const latency_window::time_point start{1h};
  window.observe(10ms, start);
  CHECK(window.count(start) == 1);
  CHECK(window.count(start + 4min) == 1);
  CHECK(window.count(start + 5min) == 0);
  CHECK(window.quantile_seconds(0.5, start + 5min) == 0);
  window.observe(20ms, start + 5min);
  CHECK(window.count(start + 5min) == 1);
  CHECK(window.quantile_seconds(0.5, start + 5min) == Approx(0.02).epsilon(0.035));
}

TEST_CASE("quantiles are right to 3.5% from microseconds to days") {
  const latency_window::time_point now{1h};
  for (std::chrono::microseconds took = 1us; took < 48h; took = took * 3 / 2 + 1us) {
    latency_window window;
    window.observe(took, now);
    const auto wanted = std::chrono::duration<double>(took).count();
    CHECK(window.quantile_seconds(0.99, now) == Approx(wanted).epsilon(0.035));
  }
}

TEST_CASE("durations that no clock should give are counted at the ends") {
  latency_window window;
  const latency_window::time_point now{1h};
  window.observe(-5s, now);
  window.observe(std::chrono::microseconds::max(), now);
  CHECK(window.count(now) == 2);
  CHECK(window.quantile_seconds(0, now) == 0);
  CHECK(window.quantile_seconds(1, now) > 86'400);
}

}  // namespace stayler::adapters
