// SPDX-License-Identifier: MIT

// What breaker, limit, quota and throttle decide together.

#include "policies/provider/call_admission.hpp"

#include "adapters/gemini/provider_keys.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <string_view>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;
using adapters::key_id_of;

namespace {

timestamp date(std::string_view text) {
  return *parse_rfc3339(text);
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
