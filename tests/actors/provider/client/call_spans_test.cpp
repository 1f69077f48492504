// SPDX-License-Identifier: MIT

// What is recorded of calls to the provider, and whether the provider is told.

#include "adapters/tracing/span_buffer.hpp"
#include "tests/actors/provider/client/gemini_fixture.hpp"

#include <algorithm>

namespace stayler::test {

namespace {

class traced_calls : public gemini_fixture {
 public:
  traced_calls() {
    options.spans = spans;
    trace = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    trace.state = "vendor=1";
  }

  /// The span of that name, of those that are finished.
  [[nodiscard]] static adapters::span named(
      const std::vector<adapters::span>& finished, const std::string& name
  ) {
    const auto found = std::ranges::find(finished, name, &adapters::span::name);
    REQUIRE(found != finished.end());
    return *found;
  }

  [[nodiscard]] std::string sent_header(const std::string& name) const {
    for (const auto& [header, value] : http->requests.back().headers) {
      if (header == name) {
        return value;
      }
    }
    return {};
  }

  adapters::span_buffer_ptr spans = std::make_shared<adapters::span_buffer>();
};

}  // namespace

TEST_CASE_METHOD(traced_calls, "a call is recorded with its wait for a permit and its sending") {
  start();
  const auto made = generate();
  answer(0, picture());
  REQUIRE(made.has_answer());
  const auto finished = spans->take();
  REQUIRE(finished.size() == 3);
  const auto whole = named(finished, "generate_content " + config.gemini.model);
  CHECK(whole.parent_id == trace.span_id);
  CHECK(whole.error.empty());
  CHECK(named(finished, "wait for permit").parent_id == whole.place.span_id);
  CHECK(named(finished, "POST").parent_id == whole.place.span_id);
}

TEST_CASE_METHOD(traced_calls, "a call that is sent again is recorded each time") {
  start();
  const auto made = generate();
  break_off(0, error_class::connection, false);
  advance(std::chrono::seconds{1});
  answer(1, overloaded());
  REQUIRE(made.has_answer());
  const auto finished = spans->take();
  CHECK(std::ranges::count(finished, "POST", &adapters::span::name) == 2);
  CHECK(named(finished, "POST").error == "connection");
  CHECK(named(finished, "generate_content " + config.gemini.model).error == "unavailable");
}

TEST_CASE_METHOD(traced_calls, "a call that is aborted has ended") {
  start();
  static_cast<void>(generate());
  tell(client, abort_atom_v, attempt_id{{}, fencing_token{1}});
  const auto finished = spans->take();
  CHECK(finished.size() == 3);
  CHECK(named(finished, "POST").error == "cancelled");
}

TEST_CASE_METHOD(traced_calls, "the provider is told of the trace only where that is asked for") {
  config.gemini.sends_traceparent = GENERATE(true, false);
  start();
  static_cast<void>(generate());
  answer(0, picture());
  const auto post = named(spans->take(), "POST");
  CHECK(
      sent_header("traceparent")
      == (config.gemini.sends_traceparent ? to_traceparent(post.place) : "")
  );
  CHECK(sent_header("tracestate") == (config.gemini.sends_traceparent ? "vendor=1" : ""));
}

TEST_CASE_METHOD(traced_calls, "nothing is recorded of a trace that is not sampled") {
  trace.is_sampled = false;
  start();
  const auto made = generate();
  answer(0, picture());
  CHECK(made.has_answer());
  CHECK(spans->is_empty());
}

}  // namespace stayler::test
