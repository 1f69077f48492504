// SPDX-License-Identifier: MIT

// Spans on their way to a collector that takes them, or asks for later, or is away, in virtual
// time.

#include "actors/monitoring/span_exporter.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/actors/provider/client/gemini_fixture.hpp"

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

const auto place = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

class exporting : public fixture {
 public:
  exporting() {
    metrics_ = spawn_fake<metrics_actor>([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const span_report& report) {
        told.exported += report.exported;
        told.overflowed += report.overflowed;
        told.undelivered += report.undelivered;
        told.refused += report.refused;
      }};
    });
    actors::span_exporter_options options;
    options.spans = spans;
    options.http = http;
    options.metrics = metrics_;
    options.url = "http://collector/v1/traces";
    options.headers = {{"x-key", "secret"}};
    exporter = spawn(actors::span_exporter, std::move(options));
  }

  void add(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      spans->add(adapters::begin_span(place, "work", adapters::span_kind::internal));
    }
    run();
  }

  void answer(std::uint32_t status, const std::string& body = {}, const std::string& retry = {}) {
    adapters::http_response response{status, {}, body};
    if (!retry.empty()) {
      response.headers.emplace_back("retry-after", retry);
    }
    http->completions.back()(std::move(response));
    run();
  }

  void break_off() {
    http->completions.back(
    )(adapters::http_error{{error_class::connection, "nobody is there", {}}, false, false});
    run();
  }

  [[nodiscard]] std::size_t sends() const { return http->requests.size(); }

  /// How many spans the latest request has.
  [[nodiscard]] std::size_t sent_spans() const {
    adapters::body_source& body = *http->requests.back().body;
    std::string text(body.size(), '\0');
    body.rewind();
    static_cast<void>(body.read(text));
    body.rewind();
    std::size_t count = 0;
    for (auto at = text.find("\"spanId\""); at != std::string::npos;
         at = text.find("\"spanId\"", at + 1)) {
      ++count;
    }
    return count;
  }

  adapters::span_buffer_ptr spans = std::make_shared<adapters::span_buffer>();
  std::shared_ptr<scripted_http> http = std::make_shared<scripted_http>();
  actors::span_exporter_impl exporter;
  span_report told;

 private:
  metrics_actor metrics_;
};

}  // namespace

TEST_CASE_METHOD(exporting, "spans are sent every five seconds, and nothing where there are none") {
  advance(6s);
  CHECK(sends() == 0);
  add(3);
  advance(3s);
  CHECK(sends() == 0);
  advance(2s);
  REQUIRE(sends() == 1);
  CHECK(sent_spans() == 3);
  CHECK(http->requests[0].url == "http://collector/v1/traces");
  CHECK(http->requests[0].headers[0] == std::pair{std::string{"x-key"}, std::string{"secret"}});
  answer(200);
  CHECK(told.exported == 3);
  advance(1min);
  CHECK(sends() == 1);
}

TEST_CASE_METHOD(exporting, "a full batch does not wait, and one goes after the other") {
  add(511);
  CHECK(sends() == 0);
  add(1);
  REQUIRE(sends() == 1);
  CHECK(sent_spans() == 512);
  add(700);
  CHECK(sends() == 1);
  answer(200);
  REQUIRE(sends() == 2);
  CHECK(sent_spans() == 512);
  answer(202);
  CHECK(sent_spans() == 188);
  answer(200);
  CHECK(told.exported == 1'212);
}

TEST_CASE_METHOD(
    exporting, "a collector that asks for later is asked later, with doubling pauses"
) {
  const std::uint32_t status = GENERATE(429U, 502U, 503U, 504U);
  add(512);
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s}) {
    const std::size_t before = sends();
    answer(status);
    advance(pause - 100ms, 100ms);
    CHECK(sends() == before);
    advance(200ms, 100ms);
    CHECK(sends() == before + 1);
    CHECK(sent_spans() == 512);
  }
  answer(200);
  CHECK(told.exported == 512);
}

TEST_CASE_METHOD(exporting, "Retry-After counts where it is longer") {
  add(512);
  answer(503, {}, "20");
  advance(19s, 100ms);
  CHECK(sends() == 1);
  advance(1s, 100ms);
  CHECK(sends() == 2);
}

TEST_CASE_METHOD(
    exporting, "a collector is given up where it asks for more than ten minutes in all"
) {
  add(512);
  answer(503, {}, "360");
  advance(6min, 1s);
  REQUIRE(sends() == 2);
  CHECK(told.undelivered == 0);
  answer(429, {}, "360");
  CHECK(told.undelivered == 512);
}

TEST_CASE_METHOD(exporting, "spans that nobody takes for two minutes are dropped, and counted") {
  add(512);
  for (int i = 0; i < 10 && told.undelivered == 0; ++i) {
    break_off();
    advance(40s, 1s);
  }
  CHECK(told.undelivered == 512);
  const std::size_t tries = sends();
  CHECK(tries > 5);
  CHECK(tries < 10);
  advance(1h, 1min);
  CHECK(sends() == tries);
}

TEST_CASE_METHOD(exporting, "while a collector is away the oldest of too many spans go") {
  add(512);
  break_off();
  add(2'048 + 100);
  advance(1s);
  REQUIRE(sends() == 2);
  for (int i = 0; i < 5; ++i) {
    answer(200);
  }
  CHECK(told.overflowed == 100);
  CHECK(told.exported == 512 + 2'048);
}

TEST_CASE_METHOD(exporting, "what is refused is not sent again") {
  const std::uint32_t status = GENERATE(400U, 401U, 404U, 413U, 500U, 301U);
  add(512);
  answer(status);
  CHECK(told.refused == 512);
  advance(1h, 1min);
  CHECK(sends() == 1);
}

TEST_CASE_METHOD(exporting, "of a batch that is taken in part the rest is counted") {
  add(512);
  answer(200, R"({"partialSuccess":{"rejectedSpans":"12","errorMessage":"too old"}})");
  CHECK(told.exported == 500);
  CHECK(told.refused == 12);
  CHECK(sends() == 1);
}

TEST_CASE_METHOD(exporting, "before the end all that is there is sent") {
  add(700);
  const auto flushed = ask<unit_value>(exporter, flush_atom_v);
  CHECK_FALSE(flushed.has_answer());
  answer(200);
  CHECK_FALSE(flushed.has_answer());
  answer(200);
  CHECK(flushed.has_answer());
  CHECK(told.exported == 700);
  CHECK(call<unit_value>(exporter, flush_atom_v));
}

TEST_CASE_METHOD(exporting, "the end waits for no collector that is away") {
  add(600);
  break_off();
  const auto flushed = ask<unit_value>(exporter, flush_atom_v);
  CHECK(sends() == 2);  // once more, without the rest of the pause
  CHECK_FALSE(flushed.has_answer());
  break_off();
  CHECK(flushed.has_answer());
  CHECK(sends() == 2);
  CHECK(told.undelivered == 600);
}

TEST_CASE_METHOD(exporting, "an exporter that is restarted goes on with what is there") {
  add(512);
  kill(exporter);
  CHECK(http->cancelled.size() == 1);
  add(512);
  CHECK(sends() == 1);
  actors::span_exporter_options options;
  options.spans = spans;
  options.http = http;
  exporter = spawn(actors::span_exporter, std::move(options));
  advance(5s);
  CHECK(sends() == 2);
}

}  // namespace stayler::test
