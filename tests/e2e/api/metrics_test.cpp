// SPDX-License-Identifier: MIT

// What a scraper reads is what Prometheus' own tool calls well made, of each role.

#include "tests/e2e/support/node_stack.hpp"
#include "tests/support/free_port.hpp"

#include <fstream>
#include <string>

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

/// What promtool finds wrong with the metrics that are served there; empty where it is content.
std::string complaints_about(const std::string& url, const std::filesystem::path& folder) {
  const auto scraped = exchange("GET", url + "/metrics");
  REQUIRE(scraped.status == 200);
  REQUIRE(scraped.body.find("# TYPE ") != std::string::npos);
  std::ofstream{folder / "scraped"} << scraped.body;
  const auto checked = run_program(
      "/bin/sh",
      {"-c", "promtool --version >/dev/null && promtool check metrics <\"$1\"", "sh",
       (folder / "scraped").string()},
      {}
  );
  INFO("promtool is in the package prometheus: apt-get install prometheus");
  INFO(checked.output);
  CHECK(checked.exit_code == 0);
  // It is content without a word.
  return checked.output;
}

}  // namespace

TEST_CASE("promtool finds nothing wrong with the metrics of a service that has worked") {
  service_stack stack;
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  CHECK(
      text_at(stack.final_job(stack.submit({"", "ann", "[[sim:400]]", ""})), {"status"}) == "failed"
  );
  CHECK(complaints_about(stack.worker().probe_url(), stack.folder()).empty());
  CHECK(complaints_about(stack.worker().url(), stack.folder()).empty());
}

TEST_CASE("a service says what it is made of and what it has room for") {
  service_stack stack{{{"GEMINI_BUDGET_PER_DAY", "20"}}};
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  CHECK(stack.metric("stayler_build_info", R"(role="all")") == 1);
  CHECK(stack.metric("stayler_disk_free_bytes") > 0);
  CHECK(stack.metric("process_open_fds") > 10);
  CHECK(stack.metric("process_cpu_seconds_total") > 0);
  CHECK(stack.metric("stayler_job_end_to_end_seconds_count", R"(outcome="completed")") == 1);
  wait_until("what is looked at every few seconds is there", [&] {
    return stack.metric("stayler_gemini_budget_dollars") == 20
           && stack.metric("stayler_gemini_spent_dollars") > 0
           && stack.metric("stayler_workers_desired") >= 1;
  });
  const std::string failures =
      R"(stayler_http_requests_total{method="POST",route="/worker/jobs",status="503"} 0)";
  CHECK(stack.get("/metrics").body.find(failures) != std::string::npos);
}

TEST_CASE("promtool finds nothing wrong with the metrics of a coordinator and of its node") {
  node_stack stack;
  const std::string port = std::to_string(free_port());
  stack.start_node("a", 2, {{"WORKER_HEALTH_CHECK_PORT", port}});
  for (const auto& id : stack.submit(2)) {
    CHECK(text_at(stack.service().final_job(id), {"status"}) == "completed");
  }
  const std::string node = "http://127.0.0.1:" + port;
  CHECK(complaints_about(node, stack.service().folder()).empty());
  CHECK(complaints_about(stack.service().worker().probe_url(), stack.service().folder()).empty());
  const auto scraped = exchange("GET", node + "/metrics").body;
  for (const char* series :
       {R"(role="worker")", R"(stayler_certificate_expiry_timestamp_seconds{use="nodes"})",
        "stayler_coordinator_connected 1"}) {
    INFO(series);
    CHECK(scraped.find(series) != std::string::npos);
  }
  CHECK(
      stack.service().metric("stayler_certificate_expiry_timestamp_seconds", R"(use="nodes")") > 0
  );
  CHECK(stack.service().metric("stayler_node_slots", R"(node="a")") == 2);
}

}  // namespace stayler::test
