// SPDX-License-Identifier: MIT

// The provider's client: what is repeated inside an attempt and what is not, deadlines, aborts.

#include "actors/gemini_client.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

namespace {

/// An HTTP client that keeps what it was given until the test answers.
class scripted_http final : public adapters::http_client {
 public:
  adapters::http_ticket send(adapters::http_request request, completion done) override {
    requests.push_back(std::move(request));
    completions.push_back(std::move(done));
    return adapters::http_ticket{requests.size()};
  }
  void cancel(adapters::http_ticket ticket) override {
    cancelled.push_back(static_cast<std::size_t>(ticket) - 1);
  }

  std::vector<adapters::http_request> requests;
  std::vector<completion> completions;
  std::vector<std::size_t> cancelled;
};

class gemini_fixture : public fixture {
 public:
  gemini_fixture() {
    config.gemini.api_key = "secret-key";
    actors::gemini_client_options options;
    options.http = http;
    options.clock = clock();
    options.config = config;
    options.metrics = spawn_fake<metrics_actor>(
        [](caf::event_based_actor*, std::vector<provider_event>* seen) -> caf::behavior {
          return {[seen](const provider_event& event) { seen->push_back(event); }};
        },
        &events
    );
    client = spawn(actors::gemini_client, options);
  }

  pending<generation_result> generate(std::uint64_t token = 1) {
    generation_request request;
    request.attempt.token = fencing_token{token};
    request.prompt = "dress";
    request.images.push_back(
        {std::make_shared<std::vector<std::byte>>(9), {image_format::jpeg, 3, 3}}
    );
    return ask<generation_result>(client, generate_atom_v, request);
  }

  void answer(std::size_t call, adapters::http_response response) {
    http->completions.at(call)(std::move(response));
    run();
  }

  void break_off(std::size_t call, error_class kind, bool was_sent) {
    http->completions.at(call)(adapters::http_error{{kind, "broken", {}}, was_sent});
    run();
  }

  static adapters::http_response picture() {
    return {
        200,
        {},
        R"({"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"aGVsbG8="}}]},)"
        R"("finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7},)"
        R"("modelVersion":"m1"})"};
  }

  settings config;
  std::shared_ptr<scripted_http> http = std::make_shared<scripted_http>();
  std::vector<provider_event> events;
  actors::gemini_client_impl client;
};

}  // namespace

TEST_CASE_METHOD(gemini_fixture, "a picture comes back with its usage, and is counted once") {
  const auto made = generate();
  answer(0, picture());
  REQUIRE(made.answer());
  CHECK(made.answer()->image->size() == 5);
  CHECK(made.answer()->usage.prompt_tokens == 7);
  REQUIRE(events.size() == 1);
  CHECK(events[0].http_status == 200);
  CHECK(call<provider_status>(client, status_atom_v)->calls_in_flight == 0);
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
  tell(client, settings_atom_v, config);
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
  const auto status = call<provider_status>(client, status_atom_v);
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
