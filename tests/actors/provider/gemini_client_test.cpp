// SPDX-License-Identifier: MIT

// The provider's client: what is repeated inside an attempt and what is not, deadlines, aborts; and
// how it gets on with the limits that permit its calls.

#include "actors/provider/gemini_client.hpp"

#include "actors/provider/provider_limits.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <optional>
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
    options.http = http;
    options.clock = clock();
    options.metrics = spawn_fake<metrics_actor>(
        [](caf::event_based_actor*, std::vector<provider_event>* seen) -> caf::behavior {
          return {
              [seen](const provider_event& event) { seen->push_back(event); },
              [](const provider_status&) {}};
        },
        &events
    );
    start();
  }

  /// Starts limits, and a client that asks them, with the fixture's settings and peers.
  void start() {
    limits_options.config = config;
    limits_options.metrics = options.metrics;
    limits_options.clock = clock();
    limits = spawn(actors::provider_limits, limits_options);
    options.config = config;
    options.limits = limits;
    client = spawn(actors::gemini_client, options);
  }

  /// Tells both of the fixture's settings.
  void change_settings() {
    tell(limits, settings_atom_v, config);
    tell(client, settings_atom_v, config);
  }

  /// A cache that holds what it is told to.
  void add_cache() {
    options.cache = spawn_fake<result_cache_actor>(
        [](caf::event_based_actor*, gemini_fixture* test) -> caf::behavior {
          return {[test](find_atom, const content_hash&) { return test->cached; }};
        },
        this
    );
  }

  /// Records that know what was spent, and remember what is added.
  void add_records() {
    limits_options.records = spawn_fake<record_io_actor>(
        [](caf::event_based_actor*, gemini_fixture* test) -> caf::behavior {
          return {
              [test](spending_atom, const std::string&) { return test->spent; },
              [test](record_atom, const user_spending& entry) {
                test->recorded.push_back(entry);
                return unit_value{};
              }};
        },
        this
    );
  }

  /// A queue that remembers the last capacity.
  void add_queue() {
    queue = spawn_fake<queue_actor>(
        [](caf::event_based_actor*, gemini_fixture* test) -> caf::behavior {
          return {[test](capacity_atom, const provider_capacity& told) { test->capacity = told; }};
        },
        this
    );
    tell(limits, watch_atom_v, queue);
  }

  pending<generation_result> generate(std::uint64_t token = 1, const std::string& prompt = {}) {
    generation_request request;
    request.attempt.token = fencing_token{token};
    request.prompt = prompt.empty() ? "dress " + std::to_string(token) : prompt;
    request.user_id = "u1";
    const auto bytes = std::make_shared<std::vector<std::byte>>(9);
    image = bytes;
    request.images.push_back({bytes, {image_format::jpeg, 3, 3}});
    return ask<generation_result>(client, generate_atom_v, request);
  }

  void answer(std::size_t call, adapters::http_response response) {
    http->completions.at(call)(std::move(response));
    run();
  }

  /// The whole request has left.
  void take_body(std::size_t call) {
    http->requests.at(call).body.reset();
    http->requests.at(call).on_body_taken();
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

  static adapters::http_response overloaded() {
    return {503, {}, R"({"error":{"code":503,"status":"UNAVAILABLE"}})"};
  }

  static adapters::http_response limited(const std::string& delay) {
    return {
        429,
        {},
        R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[)"
        R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")"
            + delay + R"("}]}})"};
  }

  /// Ten calls that the provider fails: more than it takes for the breaker to open.
  void fail_ten_calls() {
    const std::size_t first = http->requests.size();
    for (std::uint64_t i = 0; i < 10; ++i) {
      generate(1'000 + i);
      answer(first + i, overloaded());
    }
  }

  std::weak_ptr<std::vector<std::byte>> image;  ///< of the latest request
  settings config;
  actors::gemini_client_options options;
  actors::provider_limits_options limits_options;
  cache_lookup cached;
  std::vector<user_spending> spent;
  std::vector<user_spending> recorded;
  queue_actor queue;
  std::optional<provider_capacity> capacity;
  std::shared_ptr<scripted_http> http = std::make_shared<scripted_http>();
  std::vector<provider_event> events;
  actors::provider_limits_impl limits;
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

TEST_CASE_METHOD(gemini_fixture, "while the breaker is open nothing is sent and jobs are held") {
  add_queue();
  fail_ten_calls();
  const std::size_t sent = http->requests.size();
  REQUIRE(capacity);
  CHECK(capacity->closed_until == now() + seconds{5});
  CHECK(capacity->max_in_flight == 3);
  const auto status = call<provider_status>(limits, status_atom_v);
  CHECK(status->breaker == breaker_state::open);
  CHECK(status->closed_until == now() + seconds{5});

  // Five seconds are worth waiting for: it is sent as a probe.
  const auto waiting = generate(1);
  CHECK(http->requests.size() == sent);
  advance(seconds{5});
  REQUIRE(http->requests.size() == sent + 1);
  CHECK_FALSE(is_set(capacity->closed_until));
  answer(sent, overloaded());
  CHECK(waiting.answer().error().kind == error_class::unavailable);

  // Longer pauses are not: the jobs go back, with the time at which it opens.
  advance(seconds{10});
  generate(2);
  answer(sent + 1, overloaded());
  const auto held = generate(3);
  CHECK(held.answer().error().kind == error_class::held);
  CHECK(held.answer().error().retry_after == seconds{20});
  CHECK(http->requests.size() == sent + 2);
}

TEST_CASE_METHOD(gemini_fixture, "three probes that succeed let everything through again") {
  add_queue();
  fail_ten_calls();
  const std::size_t sent = http->requests.size();
  advance(seconds{5});
  for (std::uint64_t i = 1; i <= 6; ++i) {
    generate(i);
  }
  REQUIRE(http->requests.size() == sent + 3);
  for (std::size_t i = 0; i < 3; ++i) {
    answer(sent + i, picture());
  }
  // Not quite at once: the provider has only just come back.
  CHECK(http->requests.size() == sent + 3);
  advance(milliseconds{300});
  CHECK(http->requests.size() == sent + 6);
  CHECK(capacity->max_in_flight > 3);
  CHECK(call<provider_status>(limits, status_atom_v)->breaker == breaker_state::closed);
}

TEST_CASE_METHOD(gemini_fixture, "a job that is cancelled while it waits is answered at once") {
  config.gemini.max_concurrency = 1;
  start();
  generate(1);
  const auto waiting = generate(2);
  CHECK(http->requests.size() == 1);
  attempt_id second;
  second.token = fencing_token{2};
  tell(client, abort_atom_v, second);
  CHECK(waiting.answer().error().kind == error_class::cancelled);
  answer(0, picture());
  CHECK(http->requests.size() == 1);
}

TEST_CASE_METHOD(gemini_fixture, "calls beyond the limit wait for their turn, in order") {
  config.gemini.max_concurrency = 2;
  start();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    generate(i);
  }
  CHECK(http->requests.size() == 2);
  const auto status = call<provider_status>(limits, status_atom_v);
  CHECK(status->calls_in_flight == 2);
  CHECK(status->calls_waiting == 2);
  answer(1, picture());
  CHECK(http->requests.size() == 3);
  attempt_id first;
  first.token = fencing_token{1};
  tell(client, abort_atom_v, first);
  CHECK(http->requests.size() == 4);
}

TEST_CASE_METHOD(gemini_fixture, "a rate limit closes the bucket for all, and no attempt is made") {
  add_queue();
  generate(1);
  const auto limited_call = generate(2);
  answer(0, picture());
  answer(1, limited("30s"));
  CHECK(limited_call.answer().error().kind == error_class::rate_limited);
  const auto held = generate(3);
  CHECK(held.answer().error().kind == error_class::held);
  CHECK(http->requests.size() == 2);
  REQUIRE(capacity);
  CHECK(capacity->closed_until == now() + seconds{30});
  advance(seconds{30}, milliseconds{500});
  CHECK_FALSE(is_set(capacity->closed_until));
  generate(4);
  CHECK(http->requests.size() == 3);
}

TEST_CASE_METHOD(gemini_fixture, "a quota is spread over the minute without closing the door") {
  config.gemini.requests_per_minute = 60;
  start();
  add_queue();
  for (std::uint64_t i = 1; i <= 60; ++i) {
    generate(i);
    answer(i - 1, picture());
  }
  CHECK(is_set(capacity->closed_until));  // the first minute's quota went out at once
  advance(seconds{60}, milliseconds{100});
  // Who is to wait for more than 15 s is held; those who come now wait their turn.
  for (std::uint64_t i = 70; i < 76; ++i) {
    generate(i);
  }
  for (std::size_t sent = 61; sent <= 66; ++sent) {
    CHECK(http->requests.size() == sent);
    CHECK_FALSE(is_set(capacity->closed_until));
    // So many as get their turn within ten seconds, and two more.
    CHECK(capacity->max_in_flight == 1 + 11 + 2);
    answer(sent - 1, picture());
    advance(seconds{1}, milliseconds{100});
  }
}

TEST_CASE_METHOD(gemini_fixture, "with several keys a refused call goes on with another") {
  config.gemini.api_key = "key-a,key-b";
  start();
  const auto key_of = [this](std::size_t i) {
    const auto& headers = http->requests.at(i).headers;
    return std::ranges::find(
               headers, "x-goog-api-key", [](const auto& h) { return h.first; }
    )->second;
  };
  const auto made = generate(1);
  const std::string first = key_of(0);
  answer(0, limited("30s"));
  REQUIRE(http->requests.size() == 2);
  CHECK(key_of(1) != first);
  answer(1, picture());
  CHECK(made.answer());
  // The other key is rejected for good: it is not asked again.
  const auto unlucky = generate(2);
  answer(2, {403, {}, R"({"error":{"code":403,"status":"PERMISSION_DENIED"}})"});
  CHECK(unlucky.answer().error().kind == error_class::permission);
  CHECK(generate(3).answer().error().kind == error_class::held);
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

TEST_CASE_METHOD(gemini_fixture, "identical work under way is one call") {
  const auto leader = generate(1, "same");
  const auto follower = generate(2, "same");
  const auto other = generate(3, "other");
  CHECK(http->requests.size() == 2);
  answer(0, picture());
  REQUIRE(leader.answer());
  REQUIRE(follower.answer());
  CHECK(leader.answer()->is_cacheable);
  CHECK_FALSE(leader.answer()->is_shared);
  CHECK(follower.answer()->is_shared);
  CHECK_FALSE(follower.answer()->is_cacheable);
  CHECK(follower.answer()->cost == 0);
  CHECK(follower.answer()->image == leader.answer()->image);
  CHECK_FALSE(other.has_answer());
}

TEST_CASE_METHOD(gemini_fixture, "when the one that makes the call ends, the next one makes it") {
  generate(1, "same");
  const auto second = generate(2, "same");
  attempt_id first;
  first.token = fencing_token{1};
  tell(client, abort_atom_v, first);
  REQUIRE(http->requests.size() == 2);
  answer(1, picture());
  CHECK(second.answer());
}

TEST_CASE_METHOD(gemini_fixture, "what is in the cache is not paid for again") {
  add_cache();
  start();
  const auto made = generate(1);
  CHECK(http->requests.size() == 1);
  answer(0, picture());
  cached = {true, {made.answer()->image, "image/png", "m1"}};
  const auto again = generate(2);
  REQUIRE(again.answer());
  CHECK(again.answer()->is_shared);
  CHECK(again.answer()->cost == 0);
  CHECK(http->requests.size() == 1);

  generation_request fresh;
  fresh.attempt.token = fencing_token{3};
  fresh.images.push_back({std::make_shared<std::vector<std::byte>>(9), {}});
  fresh.no_cache = true;
  ask<generation_result>(client, generate_atom_v, fresh);
  CHECK(http->requests.size() == 2);
}

TEST_CASE_METHOD(gemini_fixture, "what calls cost is added up by user and kept") {
  add_records();
  spent = {{"2025-12-31", "u1", {3, 0, 0, 0, 90'000}}};  // the provider's day of the base date
  start();
  const auto made = generate(1);
  answer(0, picture());
  CHECK(made.answer()->cost == 11);  // 7 tokens at $1.50 for a million, rounded up
  REQUIRE(recorded.size() == 1);
  CHECK(recorded[0].user_id == "u1");
  CHECK(recorded[0].amount.cost == 11);
  const auto report = call<spending_report>(limits, spending_atom_v);
  CHECK(report->total.cost == 90'011);
  CHECK(report->reserved == 0);
  CHECK(report->users.at(0).amount.calls == 4);
}

TEST_CASE_METHOD(gemini_fixture, "a call that may be billed unseen is accounted at its highest") {
  add_records();
  start();
  generate(1);
  break_off(0, error_class::timeout, true);
  REQUIRE(recorded.size() == 1);
  CHECK(recorded[0].amount.cost > 33'600);
  generate(2);
  break_off(1, error_class::connection, false);
  CHECK(recorded.size() == 1);
}

TEST_CASE_METHOD(gemini_fixture, "calls wait while those under way may use up the budget") {
  config.gemini.budget_per_day = 0.15;  // two calls, as they are reserved
  start();
  add_queue();
  generate(1);
  generate(2);
  const auto waiting = generate(3);
  CHECK(http->requests.size() == 2);
  CHECK_FALSE(waiting.has_answer());
  CHECK_FALSE(is_set(capacity->closed_until));
  // What was reserved too much makes room.
  answer(0, picture());
  CHECK(http->requests.size() == 3);
}

TEST_CASE_METHOD(gemini_fixture, "jobs wait for the next day where the budget is spent") {
  config.gemini.budget_per_day = 0.15;
  start();
  add_queue();
  generate(1);
  generate(2);
  const auto waiting = generate(3);
  break_off(0, error_class::timeout, true);
  break_off(1, error_class::timeout, true);
  CHECK(http->requests.size() == 2);
  REQUIRE(waiting.answer().error().kind == error_class::held);
  CHECK(waiting.answer().error().message.find("budget") != std::string::npos);
  REQUIRE(capacity);
  CHECK(capacity->closed_until == now() + waiting.answer().error().retry_after);
  CHECK(generate(4).answer().error().kind == error_class::held);
  config.gemini.budget_per_day = 0.3;
  change_settings();
  CHECK_FALSE(is_set(capacity->closed_until));
  generate(5);
  CHECK(http->requests.size() == 3);
}

TEST_CASE_METHOD(gemini_fixture, "one user's budget holds that user's jobs only") {
  config.gemini.budget_per_user = 0.08;
  start();
  generate(1);
  const auto waiting = generate(2);
  CHECK_FALSE(waiting.has_answer());
  generation_request other;
  other.attempt.token = fencing_token{3};
  other.images.push_back({std::make_shared<std::vector<std::byte>>(9), {}});
  other.user_id = "u2";
  ask<generation_result>(client, generate_atom_v, other);
  CHECK(http->requests.size() == 2);
  break_off(0, error_class::timeout, true);
  CHECK(waiting.answer().error().kind == error_class::held);
  CHECK(http->requests.size() == 2);
}
