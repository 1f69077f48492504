// SPDX-License-Identifier: MIT

// How the client gets on with the limits that permit its calls: the breaker, turns, rate limits,
// quotas, and more than one key.

#include "tests/actors/provider/client/gemini_fixture.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

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
