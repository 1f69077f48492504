// SPDX-License-Identifier: MIT

// Traces of jobs, from the caller's request to the web hook, over processes and their ends.

#include "tests/e2e/support/hook_receiver.hpp"
#include "tests/e2e/support/node_stack.hpp"
#include "tests/e2e/support/span_collector.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>
#include <set>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string caller = "00f067aa0ba902b7";

environment traced_to(const span_collector& collector) {
  return {
      {"OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()},
      {"OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20key"}};
}

/// Submits a job with that header; its JSON.
adapters::json_value submit_with(service_stack& stack, const std::string& traceparent) {
  std::vector<std::string> headers{"Content-Type: application/json", "tracestate: foo=1"};
  if (!traceparent.empty()) {
    headers.push_back("traceparent: " + traceparent);
  }
  const auto answer = stack.call("POST", "/worker/jobs", stack.job_body(), headers);
  REQUIRE(answer.status == 201);
  return answer.json();
}

std::string id_of(const adapters::json_value& job) {
  return text_at(job, {"id"});
}

void await_span(const span_collector& collector, const std::string& name, std::size_t count = 1) {
  wait_until("the collector has " + name, [&] {
    return named(collector.of_trace(trace), name).size() >= count;
  });
}

/// The value of that header of a request.
std::string header_in(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  const auto begin = at + name.size() + 4;
  return at == std::string::npos ? "" : request.substr(begin, request.find("\r\n", begin) - begin);
}

void await_stage(const service_stack& stack, const std::string& id, const std::string& stage) {
  wait_until("the job is " + stage, [&] {
    return text_at(stack.get("/worker/jobs/" + id).json(), {"progress", "stage"}) == stage;
  });
}

}  // namespace

TEST_CASE("a job on a node is one whole trace, from its caller to the web hook") {
  const span_collector collector;
  const scripted_receiver hook;
  environment changes = traced_to(collector);
  changes["WORKER_WEBHOOK_URL"] = hook.url();
  node_stack stack{changes, {"--latency", "300ms"}};
  stack.start_node("a", 1, traced_to(collector));
  const auto job = submit_with(stack.service(), "00-" + trace + "-" + caller + "-01");
  CHECK(text_at(job, {"traceId"}) == trace);
  CHECK(text_at(stack.service().final_job(id_of(job)), {"status"}) == "completed");
  await_span(collector, "notify");
  await_span(collector, "process job");
  await_span(collector, "hand over notification");

  const auto spans = collector.of_trace(trace);
  std::cout << waterfall(spans, caller);
  CHECK(flaws_of(spans, caller) == "");
  for (const std::string name :
       {"POST /worker/jobs", "send jobs", "wait in queue", "process job", "record processing",
        "prepare images", "open call", "wait for permit", "POST", "finish image", "store image",
        "begin recording", "record result", "hand over notification", "notify"}) {
    INFO(name);
    CHECK(named(spans, name).size() == 1);
  }
  CHECK(named(spans, "fetch image").size() == 2);
  CHECK(named(spans, "decode image").size() == 2);
  CHECK(named(spans, "POST /worker/jobs").front().parent == caller);
  const auto attempt = named(spans, "process job").front();
  CHECK(attempt.attributes.at("messaging.message.id") == id_of(job));
  CHECK(attempt.attributes.at("stayler.worker").starts_with("a/"));
  CHECK(attempt.attributes.at("stayler.outcome") == "completed");
  // The coordinator records the attempt, the node what it did for it.
  CHECK(named(spans, "finish image").front().instance != attempt.instance);

  REQUIRE(hook.count() == 1);
  const std::string told = hook.requests().front();
  CHECK(
      header_in(told, "traceparent")
      == "00-" + trace + "-" + named(spans, "notify").front().id + "-01"
  );
  CHECK(header_in(told, "tracestate") == "foo=1");
  CHECK(header_in(collector.exports().front(), "x-key") == "a key");
  CHECK(stack.service().metric("stayler_spans_exported_total") > 5);
  CHECK(stack.service().metric("stayler_spans_dropped_total") == 0);
}

TEST_CASE("the trace of a job whose node is killed goes on with its next attempt") {
  const span_collector collector;
  environment changes = traced_to(collector);
  changes["WORKER_LOG_FORMAT"] = "json";
  node_stack stack{changes, {"--latency", "8s"}};
  stack.start_node("a", 1, traced_to(collector));
  const auto id = id_of(submit_with(stack.service(), "00-" + trace + "-" + caller + "-01"));
  await_stage(stack.service(), id, "converting");
  await_span(collector, "prepare images");
  stack.start_node("b", 1, traced_to(collector));
  stack.node("a").signal(SIGKILL);
  CHECK(text_at(stack.service().final_job(id, 60s), {"status"}) == "completed");
  await_span(collector, "process job", 2);
  await_span(collector, "hand over notification");

  const auto spans = collector.of_trace(trace);
  std::cout << waterfall(spans, caller);
  CHECK(flaws_of(spans, caller) == "");
  const auto attempts = named(spans, "process job");
  REQUIRE(attempts.size() == 2);
  CHECK(attempts[0].attributes.at("stayler.outcome") == "crashed");
  CHECK(attempts[0].attributes.at("error.type") == "worker_lost");
  CHECK(attempts[1].attributes.at("stayler.outcome") == "completed");
  CHECK(named(spans, "wait in queue").size() == 2);
  // What the lost node had sent is below the attempt that it was part of.
  CHECK(named(spans, "prepare images").front().parent == attempts[0].id);
  CHECK(holds(stack.service().worker().output(), "\"traceId\":\"" + trace + "\""));
}

TEST_CASE("the trace of a job goes on after kill -9 of all that there is") {
  const span_collector collector;
  service_stack stack{traced_to(collector), {"--latency", "6s"}};
  const auto id = id_of(submit_with(stack, "00-" + trace + "-" + caller + "-01"));
  await_span(collector, "prepare images");
  stack.worker().signal(SIGKILL);
  static_cast<void>(stack.worker().wait(10s));
  stack.start_worker();
  CHECK(text_at(stack.final_job(id, 60s), {"status"}) == "completed");
  await_span(collector, "process job", 2);
  await_span(collector, "hand over notification");
  const auto spans = collector.of_trace(trace);
  CHECK(flaws_of(spans, caller) == "");
  CHECK(named(spans, "process job")[1].attributes.at("stayler.outcome") == "completed");
}

TEST_CASE("what a caller does not record is not recorded, but the trace is passed on") {
  const span_collector collector;
  const scripted_receiver hook;
  environment changes = traced_to(collector);
  changes["WORKER_WEBHOOK_URL"] = hook.url();
  service_stack stack{changes};
  const auto job = submit_with(stack, "00-" + trace + "-" + caller + "-00");
  CHECK(text_at(job, {"traceId"}) == trace);
  static_cast<void>(stack.final_job(id_of(job)));
  wait_until("the hook is told", [&] { return hook.count() == 1; });
  CHECK(header_in(hook.requests().front(), "traceparent") == "00-" + trace + "-" + caller + "-00");
  CHECK(stack.worker().stop() == 0);
  CHECK(collector.of_trace(trace).empty());
}

TEST_CASE("without a trace, or with a malformed one, another begins, and all is sent by the end") {
  const span_collector collector;
  service_stack stack{traced_to(collector)};
  std::set<std::string> traces;
  for (const std::string& header :
       std::vector<std::string>{"", "00-malformed-01", "ff-" + trace + "-" + caller + "-01"}) {
    const auto job = submit_with(stack, header);
    traces.insert(text_at(job, {"traceId"}));
    CHECK(text_at(stack.final_job(id_of(job)), {"status"}) == "completed");
  }
  CHECK(traces.size() == 3);
  CHECK_FALSE(traces.contains(trace));
  // At once: what there is to tell is flushed.
  CHECK(stack.worker().stop() == 0);
  for (const std::string& each : traces) {
    const auto spans = collector.of_trace(each);
    CHECK(flaws_of(spans, "") == "");
    CHECK(named(spans, "process job").size() == 1);
  }
}

TEST_CASE("where tracing is off a caller's trace is passed on as it is, and none begins") {
  const scripted_receiver hook;
  service_stack stack{{{"WORKER_WEBHOOK_URL", hook.url()}}};
  const auto traced = submit_with(stack, "00-" + trace + "-" + caller + "-01");
  static_cast<void>(stack.final_job(id_of(traced)));
  const auto untraced = submit_with(stack, "");
  CHECK(untraced.find("traceId") == nullptr);
  static_cast<void>(stack.final_job(id_of(untraced)));
  wait_until("the hook is told of both", [&] { return hook.count() == 2; });
  CHECK(header_in(hook.requests()[0], "traceparent") == "00-" + trace + "-" + caller + "-01");
  CHECK(header_in(hook.requests()[1], "traceparent").empty());
}
