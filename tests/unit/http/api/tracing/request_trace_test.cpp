// SPDX-License-Identifier: MIT

// Which requests are part of a trace, and of which.

#include "http/api/tracing/request_trace.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>

using namespace stayler;
using namespace stayler::http;

namespace {

const std::string header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

request request_with(std::vector<std::pair<std::string, std::string>> headers) {
  request made;
  made.method = "POST";
  made.headers = std::move(headers);
  return made;
}

trace_rules recording() {
  return {std::make_shared<adapters::span_buffer>(), {"parentbased_always_on", 1}};
}

}  // namespace

TEST_CASE("a request is below its caller's span, and what is done for it below its own") {
  const auto rules = recording();
  const auto begun = begin_trace(
      rules, request_with({{"traceparent", header}, {"tracestate", "a=1"}, {"tracestate", "b=2"}}),
      "/worker/jobs"
  );
  REQUIRE(begun.span);
  CHECK(begun.span->parent_id == 0x00f067aa0ba902b7U);
  CHECK(begun.place == begun.span->place);
  CHECK(begun.place.state == "a=1,b=2");
  CHECK(begun.span->name == "POST /worker/jobs");
  end_trace(rules, begun, 503);
  const auto ended = rules.spans->take();
  REQUIRE(ended.size() == 1);
  CHECK(ended.front().error == "503");
}

TEST_CASE("a caller's mistake is no error of the span") {
  const auto rules = recording();
  end_trace(rules, begin_trace(rules, request_with({}), "/worker/jobs"), 400);
  CHECK(rules.spans->take().front().error.empty());
}

TEST_CASE("two traceparents are as good as none") {
  const auto begun = begin_trace(
      recording(), request_with({{"traceparent", header}, {"traceparent", header}}), "/worker/jobs"
  );
  CHECK(begun.span->parent_id == 0);
  CHECK(trace_id_text(begun.place) != header.substr(3, 32));
}

TEST_CASE("a tracestate without a trace counts for nothing") {
  CHECK(begin_trace(recording(), request_with({{"tracestate", "a=1"}}), "/worker/jobs")
            .place.state.empty());
}

TEST_CASE("each request that brings jobs or pictures begins a trace") {
  for (const auto* route :
       {"/worker/jobs", "/worker/jobs/batch", "/worker/jobs/{id}/rerun", "/images"}) {
    CAPTURE(route);
    CHECK(begin_trace(recording(), request_with({}), route).place.is_set());
  }
}

TEST_CASE("a request that brings no work begins no trace, but goes on with its caller's") {
  request looks = request_with({});
  looks.method = "GET";
  const auto alone = begin_trace(recording(), looks, "/worker/jobs");
  CHECK_FALSE(alone.place.is_set());
  CHECK_FALSE(alone.span);
  looks.headers.emplace_back("traceparent", header);
  CHECK(begin_trace(recording(), looks, "/worker/jobs").span);
}

TEST_CASE("a trace that is not recorded is passed on") {
  const trace_rules none{std::make_shared<adapters::span_buffer>(), {"parentbased_always_off", 1}};
  const auto begun = begin_trace(none, request_with({}), "/worker/jobs");
  CHECK_FALSE(begun.span);
  CHECK(to_traceparent(begun.place).ends_with("-00"));
}

TEST_CASE("where nothing is recorded the caller's trace stays as it is, and none begins") {
  const auto passed_on = begin_trace({}, request_with({{"traceparent", header}}), "/worker/jobs");
  CHECK(to_traceparent(passed_on.place) == header);
  CHECK_FALSE(passed_on.span);
  CHECK_FALSE(begin_trace({}, request_with({}), "/worker/jobs").place.is_set());
}
