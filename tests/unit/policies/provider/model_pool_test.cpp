// SPDX-License-Identifier: MIT

// Which model a call goes to, and what is no reason for another one.

#include "policies/provider/model_pool.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

const timestamp today = *parse_rfc3339("2026-11-24T12:00:00Z");
const failure overloaded{error_class::unavailable, "503", {}};
const failure unknown{error_class::not_found, "404", {}};

gemini_settings settings_with(const std::string& fallbacks, const std::string& keys = "key") {
  gemini_settings config;
  config.api_key = keys;
  config.model = "first";
  config.fallback_models = fallbacks;
  return config;
}

model_pool pool_with(const std::string& fallbacks, const std::string& keys = "key") {
  model_pool pool;
  pool.configure(settings_with(fallbacks, keys));
  return pool;
}

/// Lets calls through, one after the other, that all end like that.
void end_calls(model_pool& pool, int count, const failure& outcome, clock_time now) {
  for (int i = 0; i < count; ++i) {
    if (const auto call = pool.admit(now, today)) {
      pool.end(*call, outcome, false, now);
    }
  }
}

/// Ends calls to the first model so that its breaker opens.
void fail_first(model_pool& pool, clock_time now) {
  while (pool.breaker(now) == breaker_state::closed) {
    end_calls(pool, 1, overloaded, now);
  }
}

}  // namespace

TEST_CASE("calls go to the first model as long as it is well") {
  auto pool = pool_with("second,third");
  const auto call = pool.admit(start, today);
  REQUIRE(call);
  CHECK(call->model == "first");
  pool.end(*call, {}, false, start);
  CHECK(pool.serving(start) == "first");
}

TEST_CASE("while a model's breaker is open the next one serves, and nothing is closed") {
  auto pool = pool_with("second");
  fail_first(pool, start);
  CHECK(pool.breaker(start) == breaker_state::open);
  CHECK(pool.serving(start) == "second");
  CHECK_FALSE(pool.closed(start, today));
  CHECK_FALSE(is_set(pool.capacity(start, today).closed_until));
  const auto call = pool.admit(start, today);
  REQUIRE(call);
  CHECK(call->model == "second");
}

TEST_CASE("a breaker that is half open gets its probes, and the next model the rest") {
  auto pool = pool_with("second");
  fail_first(pool, start);
  const auto later = start + 6s;
  std::vector<std::string> models;
  std::vector<model_pool::admitted_call> probes;
  for (auto now = later; now < later + 3s; now += 100ms) {
    if (auto call = pool.admit(now, today)) {
      models.push_back(call->model);
      if (call->model == "first") {
        probes.push_back(*call);
      }
    }
  }
  CHECK(std::ranges::count(models, "first") == 3);
  CHECK(std::ranges::count(models, "second") > 0);
  for (const auto& probe : probes) {
    pool.end(probe, {}, false, later + 3s);
  }
  CHECK(pool.serving(later + 3s) == "first");
}

TEST_CASE("a model that the provider does not know is left alone for ten minutes") {
  auto pool = pool_with("second");
  const auto first = pool.admit(start, today);
  REQUIRE(first);
  pool.end(*first, unknown, false, start);
  CHECK(pool.serving(start) == "second");
  CHECK(pool.admit(start, today)->model == "second");
  const auto shown = pool.status(start, today);
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].retired_until == today + 10min);
  CHECK_FALSE(is_set(shown[1].retired_until));
  CHECK(pool.serving(start + 10min) == "first");
  pool.configure(settings_with("second"));
  CHECK(pool.serving(start) == "first");
}

TEST_CASE("where the provider knows none of the models, the first is asked and says so") {
  auto pool = pool_with("second");
  end_calls(pool, 2, unknown, start);
  CHECK(pool.serving(start) == "first");
  CHECK(pool.admit(start, today)->model == "first");
  auto single = pool_with("");
  end_calls(single, 1, unknown, start);
  CHECK(single.admit(start, today)->model == "first");
}

TEST_CASE("neither a refusal, nor bad input, nor a quota is a reason for another model") {
  const std::vector<failure> outcomes{
      {error_class::safety_blocked, "", {}}, {error_class::invalid_input, "", {}},
      {error_class::no_image, "", {}},       {error_class::rate_limited, "", 30'000ms},
      {error_class::rate_limited, "", 10h},  {error_class::quota_exceeded, "", {}},
      {error_class::authentication, "", {}}};
  for (const failure& outcome : outcomes) {
    INFO(to_string(outcome.kind));
    auto pool = pool_with("second");
    end_calls(pool, 20, outcome, start);
    CHECK(pool.serving(start) == "first");
    if (const auto call = pool.admit(start + 1s, today)) {
      CHECK(call->model == "first");
    }
  }
}

TEST_CASE("a quota that is used up closes the pool, whatever other models there are") {
  auto pool = pool_with("second");
  end_calls(pool, 1, {error_class::rate_limited, "", 10h}, start);
  const auto shut = pool.closed(start, today);
  REQUIRE(shut);
  CHECK(shut->until == start + 10h);
  CHECK_FALSE(pool.admit(start, today));
}

TEST_CASE("with all breakers open, nothing is sent before the first of them opens") {
  auto pool = pool_with("second");
  end_calls(pool, 20, overloaded, start);
  end_calls(pool, 20, overloaded, start + 1s);
  CHECK_FALSE(pool.admit(start + 1s, today));
  const auto shut = pool.closed(start + 1s, today);
  REQUIRE(shut);
  CHECK(shut->until == start + 5s);
}

TEST_CASE("that there was no room for calls that could wait says nothing of the others") {
  auto pool = pool_with("second");
  for (int i = 0; i < 30; ++i) {
    const auto call = pool.admit(start, today);
    REQUIRE(call);
    pool.end(*call, overloaded, true, start);
  }
  CHECK(pool.breaker(start) == breaker_state::closed);
  CHECK(pool.in_flight() == 0);
}

TEST_CASE("the bound on calls in flight holds for all models together") {
  auto config = settings_with("second");
  config.max_concurrency = 2;
  model_pool pool;
  pool.configure(config);
  const auto one = pool.admit(start, today);
  const auto two = pool.admit(start, today);
  REQUIRE((one && two));
  pool.end(*one, unknown, false, start);
  CHECK(pool.admit(start, today)->model == "second");
  CHECK_FALSE(pool.admit(start, today));
}

TEST_CASE("a model that goes and comes back is not charged for what it left behind") {
  auto pool = pool_with("");
  const auto call = pool.admit(start, today);
  REQUIRE(call);
  auto config = settings_with("");
  config.model = "other";
  pool.configure(config);
  CHECK(pool.in_flight() == 0);
  pool.configure(settings_with(""));
  pool.end(*call, {}, false, start);
  pool.forget(*call);
  CHECK(pool.in_flight() == 0);
}

TEST_CASE("what was found of each model's limits is kept, and begun with") {
  auto pool = pool_with("second");
  end_calls(pool, 1, unknown, start);
  end_calls(pool, 1, {}, start);
  std::vector<std::string> names;
  for (const found_limit& each : pool.found(today)) {
    names.push_back(each.name);
  }
  CHECK(std::ranges::count(names, "first/calls") == 1);
  CHECK(std::ranges::count(names, "second/calls") == 1);
}
