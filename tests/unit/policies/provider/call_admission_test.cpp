// SPDX-License-Identifier: MIT

// What breaker, limit, quota and throttle decide together, and what is known after a restart.

#include "policies/provider/call_admission.hpp"

#include "adapters/gemini/provider_keys.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;
using adapters::key_id_of;

namespace {

const timestamp noon = *parse_rfc3339("2026-11-24T12:00:00Z");

call_admission admission_for(const std::string& model, const std::string& keys) {
  gemini_settings config;
  config.model = model;
  config.api_key = keys;
  call_admission admission;
  admission.configure(config);
  return admission;
}

/// Sends what may be sent within that time, in steps of a tenth of a second.
std::vector<call_admission::admitted_call> send_all(
    call_admission& admission, clock_time from, std::chrono::seconds time
) {
  std::vector<call_admission::admitted_call> calls;
  for (auto now = from; now < from + time; now += 100ms) {
    while (auto call = admission.admit(now, noon)) {
      calls.push_back(std::move(*call));
    }
  }
  return calls;
}

}  // namespace

TEST_CASE("admission puts breaker, limit and quota together") {
  gemini_settings config;
  config.api_key = "one";
  config.max_concurrency = 2;
  call_admission admission;
  admission.configure(config);
  const timestamp today = date("2026-11-24T12:00:00Z");
  const auto first = admission.admit(start, today);
  const auto second = admission.admit(start, today);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->key_id == key_id_of("one"));
  CHECK_FALSE(admission.admit(start, today));
  CHECK_FALSE(admission.closed(start, today));  // enough are under way: that is no closure
  admission.end(*first, {}, start + 1s);
  CHECK(admission.capacity(start, today).max_in_flight == 5);

  admission.end(*second, {error_class::rate_limited, "", 20s}, start + 1s);
  const auto shut = admission.closed(start + 1s, today);
  REQUIRE(shut);
  CHECK(shut->until == start + 21s);
  CHECK(admission.capacity(start + 1s, today).closed_until == today + 20s);
  CHECK(admission.in_flight() == 0);
}

TEST_CASE("refusals of a quota do not open the breaker, failures of the service do") {
  gemini_settings config;
  config.api_key = "one";
  call_admission admission;
  admission.configure(config);
  const timestamp today = date("2026-11-24T12:00:00Z");
  auto now = start;
  for (int i = 0; i < 30; ++i) {
    const auto grant = admission.admit(now, today);
    REQUIRE(grant);
    admission.end(*grant, {error_class::rate_limited, "", 1s}, now);
    now += 61s;
  }
  CHECK(admission.breaker(now) == breaker_state::closed);
  for (int i = 0; i < 10; ++i) {
    now += 61s / 20;
    if (const auto grant = admission.admit(now, today)) {
      admission.end(*grant, {error_class::safety_blocked, ""}, now);
    }
  }
  CHECK(admission.breaker(now) == breaker_state::closed);
}

TEST_CASE("what was found is known after a restart") {
  auto before = admission_for("m", "one");
  auto calls = send_all(before, start, 10s);
  REQUIRE(calls.size() >= 500);
  before.end(calls.back(), {error_class::rate_limited, "", 50s}, start + 10s);
  const auto found = before.found(noon);
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "m/calls");
  CHECK(found[1].name == "m/" + key_id_of("one"));

  auto after = admission_for("m", "one");
  after.begin(found, start, noon + 1min);
  CHECK(after.limit() >= found[0].value * 9 / 10);
  CHECK(after.per_minute() == found[1].value);
}

TEST_CASE("what was found of another model or key, or too long ago, is not used") {
  const std::vector<found_limit> found{
      {"m/calls", 500, true, noon}, {"m/" + key_id_of("one"), 60, true, noon}};
  auto other_model = admission_for("n", "one");
  other_model.begin(found, start, noon);
  CHECK(other_model.limit() == 16);
  CHECK(other_model.per_minute() == 0);
  auto other_key = admission_for("m", "two");
  other_key.begin(found, start, noon);
  CHECK(other_key.limit() == 500);
  CHECK(other_key.per_minute() == 0);
  auto much_later = admission_for("m", "one");
  much_later.begin(found, start, noon + 2h);
  CHECK(much_later.limit() == 125);
  CHECK(much_later.per_minute() == 0);
  // Clocks that disagree make nothing of it older or younger than now.
  auto earlier = admission_for("m", "one");
  earlier.begin(found, start, noon - 2h);
  CHECK(earlier.limit() == 500);
}

TEST_CASE("refusals of what is too much do not open the breaker, an outage does") {
  auto admission = admission_for("m", "one");
  auto calls = send_all(admission, start, 8s);
  REQUIRE(calls.size() > 200);
  auto now = start + 8s;
  for (int i = 0; i < 60; ++i) {
    admission.end(calls.back(), {error_class::unavailable, "", {}}, now);
    calls.pop_back();
  }
  CHECK(admission.breaker(now) == breaker_state::closed);
  CHECK(admission.limit() <= calls.size());
  while (!calls.empty()) {
    admission.end(calls.back(), {error_class::unavailable, "", {}}, now);
    calls.pop_back();
  }
  CHECK(admission.breaker(now) == breaker_state::open);
  // Once it is over, as much is tried as it took before.
  CHECK(admission.limit() >= 100);
}

TEST_CASE("while the limit keeps a call back, it says when it grows") {
  auto admission = admission_for("m", "one");
  while (admission.admit(start, noon)) {
  }
  CHECK(admission.in_flight() == 16);
  CHECK(admission.next_at(start, noon) > start);
  CHECK(admission.next_at(start, noon) <= start + 100ms);
}

TEST_CASE("a configured bound is not outgrown") {
  gemini_settings config;
  config.api_key = "one";
  config.max_concurrency = 20;
  call_admission admission;
  admission.configure(config);
  CHECK(send_all(admission, start, 10s).size() == 20);
  CHECK(admission.next_at(start + 10s, noon) == start + 10s);
}
