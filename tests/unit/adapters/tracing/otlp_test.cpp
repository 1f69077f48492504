// SPDX-License-Identifier: MIT

// The form in which spans go to a collector, by the specification of OTLP/HTTP.

#include "adapters/tracing/otlp.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using namespace std::chrono_literals;

namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

span sample() {
  span made = begin_span(
      *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), "process job",
      span_kind::consumer
  );
  made.place.span_id = 0xabcU;
  made.place.state = "foo=1";
  made.began = span_time{1'700'000'000s + 1us};
  made.ended = made.began + 2s;
  made.error = "timeout";
  made.set("a.text", "x\"y").set("a.flag", true).set("a.number", 7U).set("a.ratio", 0.5);
  return made;
}

}  // namespace

TEST_CASE("a span is written by the rules of OTLP's JSON: hex ids, 64-bit numbers as texts") {
  const std::vector<span> spans{sample()};
  CHECK(
      render_export({"stayler-worker", "1.2", "host/1", "host"}, spans)
      == R"({"resourceSpans":[{"resource":{"attributes":[)"
         R"({"key":"service.name","value":{"stringValue":"stayler-worker"}},)"
         R"({"key":"service.version","value":{"stringValue":"1.2"}},)"
         R"({"key":"service.instance.id","value":{"stringValue":"host/1"}},)"
         R"({"key":"host.name","value":{"stringValue":"host"}}]},)"
         R"("scopeSpans":[{"scope":{"name":"stayler"},"spans":[{)"
         R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000abc",)"
         R"("parentSpanId":"00f067aa0ba902b7","traceState":"foo=1","flags":1,"name":"process job",)"
         R"("kind":5,"startTimeUnixNano":"1700000000000001000",)"
         R"("endTimeUnixNano":"1700000002000001000","attributes":[)"
         R"({"key":"a.text","value":{"stringValue":"x\"y"}},)"
         R"({"key":"a.flag","value":{"boolValue":true}},)"
         R"({"key":"a.number","value":{"intValue":"7"}},)"
         R"({"key":"a.ratio","value":{"doubleValue":0.5}},)"
         R"({"key":"error.type","value":{"stringValue":"timeout"}}],"status":{"code":2}}]}]}]})"
  );
}

TEST_CASE("the first span of a trace has no parent, and one that went well no status") {
  std::vector<span> spans{sample()};
  spans.front().parent_id = 0;
  spans.front().error.clear();
  const std::string text = render_export({}, spans);
  CHECK(text.find("parentSpanId") == std::string::npos);
  CHECK(text.find(R"("status":{})") != std::string::npos);
  CHECK(parse_json(text));
}

TEST_CASE("a collector may take a part of an export") {
  const auto some =
      read_export_answer(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})");
  CHECK(some.refused == 3);
  CHECK(some.reason == "too old");
  CHECK(read_export_answer(R"({"partialSuccess":{"rejectedSpans":2}})").refused == 2);
  for (const auto* answer :
       {"", "{}", "OK", R"({"partialSuccess":{}})", R"({"partialSuccess":7})"}) {
    CHECK(read_export_answer(answer).refused == 0);
  }
}

TEST_CASE("spans go below the collector's address, or to the one that is for them alone") {
  tracing_settings config;
  CHECK(traces_url(config).empty());
  config.endpoint = "http://collector:4318";
  CHECK(traces_url(config) == "http://collector:4318/v1/traces");
  config.endpoint = "http://collector:4318/otlp/";
  CHECK(traces_url(config) == "http://collector:4318/otlp/v1/traces");
  config.traces_endpoint = "https://traces/in";
  CHECK(traces_url(config) == "https://traces/in");
}

TEST_CASE("headers for the collector are a list with percent-encoded values") {
  CHECK(parse_export_headers("")->empty());
  CHECK(
      parse_export_headers("Authorization=Basic%20a%3D%3D, x-key = v ,").value()
      == headers{{"authorization", "Basic a=="}, {"x-key", "v"}}
  );
  CHECK(parse_export_headers("a=b=c").value() == headers{{"a", "b=c"}});
  for (const auto* malformed : {"a", "=b", "a=", "a b=c", "a=%0d%0ax", "a=%zz", "a:b=c"}) {
    INFO(malformed);
    CHECK(parse_export_headers(malformed).error().message == "entry 1 of the list is malformed");
  }
}
