// SPDX-License-Identifier: MIT

// The provider's client: what is repeated inside an attempt and what is not, deadlines, aborts, and
// how long images stay.

#include "tests/actors/provider/client/gemini_fixture.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

TEST_CASE_METHOD(gemini_fixture, "a picture comes back with its usage, and is counted once") {
  const auto made = generate();
  answer(0, picture());
  REQUIRE(made.answer());
  CHECK(made.answer()->image->size() == 5);
  CHECK(made.answer()->usage.prompt_tokens == 7);
  REQUIRE(events.size() == 1);
  CHECK(events[0].http_status == 200);
  CHECK(call<provider_status>(limits, status_atom_v)->calls_in_flight == 0);
}

TEST_CASE_METHOD(gemini_fixture, "the key travels in a header and nowhere else") {
  generate();
  const auto& request = http->requests.at(0);
  CHECK(request.url.find("secret-key") == std::string::npos);
  const std::pair<std::string, std::string> expected{"x-goog-api-key", "secret-key"};
  CHECK(std::ranges::find(request.headers, expected) != request.headers.end());
}

TEST_CASE_METHOD(gemini_fixture, "without a key nothing is sent") {
  config.gemini.api_key.clear();
  change_settings();
  CHECK(generate().answer().error().kind == error_class::authentication);
  CHECK(http->requests.empty());
}

TEST_CASE_METHOD(gemini_fixture, "a request that never left is sent again, with growing pauses") {
  const auto made = generate();
  break_off(0, error_class::connection, false);
  CHECK(http->requests.size() == 1);
  advance(milliseconds{200});
  REQUIRE(http->requests.size() == 2);
  break_off(1, error_class::connection, false);
  advance(milliseconds{399});
  CHECK(http->requests.size() == 2);
  advance(milliseconds{1});
  REQUIRE(http->requests.size() == 3);
  answer(2, picture());
  CHECK(made.answer());
  CHECK(events.size() == 3);
}

TEST_CASE_METHOD(gemini_fixture, "re-sends end at GEMINI_MAX_RETRIES") {
  const auto made = generate();
  for (std::size_t i = 0; i < 4; ++i) {
    REQUIRE(http->requests.size() == i + 1);
    break_off(i, error_class::connection, false);
    advance(seconds{2});
  }
  CHECK(http->requests.size() == 4);
  CHECK(made.answer().error().kind == error_class::connection);
}

TEST_CASE_METHOD(gemini_fixture, "a request that may have been paid for is not sent again here") {
  const auto made = generate();
  break_off(0, error_class::connection, true);
  advance(seconds{10});
  CHECK(http->requests.size() == 1);
  CHECK(made.answer().error().kind == error_class::connection);
}

TEST_CASE_METHOD(
    gemini_fixture, "an HTTP error is not repeated inside the attempt, whatever it is"
) {
  const auto made = generate();
  answer(0, {503, {}, R"({"error":{"code":503,"status":"UNAVAILABLE"}})"});
  advance(seconds{10});
  CHECK(http->requests.size() == 1);
  CHECK(made.answer().error().kind == error_class::unavailable);
  const auto status = call<provider_status>(limits, status_atom_v);
  CHECK(status->failed_calls == 1);
  CHECK(status->last_error.kind == error_class::unavailable);
}

TEST_CASE_METHOD(gemini_fixture, "re-sends share one deadline") {
  const auto made = generate();
  CHECK(http->requests.at(0).timeout == seconds{60});
  advance(seconds{59}, seconds{1});
  break_off(0, error_class::connection, false);
  advance(milliseconds{200});
  REQUIRE(http->requests.size() == 2);
  CHECK(http->requests[1].timeout <= milliseconds{800});
}

TEST_CASE_METHOD(gemini_fixture, "an aborted call is cancelled on the wire and answered at once") {
  const auto made = generate(1);
  const auto other = generate(2);
  tell(client, abort_atom_v, attempt_id{job_id{}, fencing_token{1}});
  CHECK(http->cancelled == std::vector<std::size_t>{0});
  CHECK(made.answer().error().kind == error_class::cancelled);
  break_off(0, error_class::cancelled, true);
  answer(1, picture());
  CHECK(other.answer());
}

TEST_CASE_METHOD(
    gemini_fixture, "a client that dies answers its requesters and cancels its calls"
) {
  const auto made = generate();
  kill(client);
  CHECK(made.answer().error().kind == error_class::unavailable);
  CHECK(http->cancelled.size() == 1);
}

TEST_CASE_METHOD(gemini_fixture, "images leave memory once the provider has the whole request") {
  const auto made = generate();
  CHECK_FALSE(image.expired());
  take_body(0);
  CHECK(image.expired());
  answer(0, picture());
  CHECK(made.answer());
}

TEST_CASE_METHOD(gemini_fixture, "with several keys images stay until a refusal would have come") {
  config.gemini.api_key = "key-a,key-b";
  start();
  const auto made = generate();
  take_body(0);
  answer(0, limited("30s"));
  REQUIRE(http->requests.size() == 2);
  advance(seconds{5});
  CHECK_FALSE(image.expired());
  take_body(1);
  advance(seconds{5});
  CHECK(image.expired());
  answer(1, overloaded());
  CHECK(made.answer().error().kind == error_class::unavailable);
  const auto slow = generate(2);
  take_body(2);
  advance(seconds{6});
  answer(2, limited("30s"));
  CHECK(slow.answer().error().kind == error_class::rate_limited);
}
