// SPDX-License-Identifier: MIT

// Which key the next call gets, and what is known of each.

#include "policies/provider/provider_key_pool.hpp"

#include "adapters/gemini/provider_keys.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;
using adapters::key_id_of;

TEST_CASE("calls go to the key that was used least, and around one that is spent") {
  gemini_settings config;
  config.api_key = "one, two";
  provider_key_pool ring;
  ring.configure(config);
  const timestamp today = date("2026-11-24T12:00:00Z");
  std::vector<std::string> used;
  for (int i = 0; i < 4; ++i) {
    const auto key = ring.choose(start, today);
    REQUIRE(key);
    ring.sent(*key, start);
    used.push_back(ring.id(*key));
  }
  CHECK(std::ranges::count(used, key_id_of("one")) == 2);
  ring.refused(key_id_of("one"), start, 30s, start);
  for (int i = 0; i < 3; ++i) {
    CHECK(ring.id(*ring.choose(start + 1s, today)) == key_id_of("two"));
  }
  ring.reject(key_id_of("two"), start);
  CHECK_FALSE(ring.choose(start + 1s, today));
  CHECK(ring.opens_at(start + 1s, today) == start + 30s);
}

TEST_CASE("what is known of a key survives a change of the configuration") {
  gemini_settings config;
  config.api_key = "one";
  provider_key_pool ring;
  ring.configure(config);
  const timestamp today = date("2026-11-24T12:00:00Z");
  ring.sent(*ring.choose(start, today), start);
  ring.refused(key_id_of("one"), start, 30s, start);
  config.api_key = "one,two";
  ring.configure(config);
  CHECK(ring.id(*ring.choose(start + 1s, today)) == key_id_of("two"));
  // Another model has a quota of its own.
  config.model = "another";
  ring.configure(config);
  CHECK(ring.id(*ring.choose(start + 1s, today)) == key_id_of("one"));
}

TEST_CASE("a day's calls are counted per key, until midnight in Pacific time") {
  gemini_settings config;
  config.api_key = "one";
  config.requests_per_day = 2;
  provider_key_pool ring;
  ring.configure(config);
  const timestamp evening = date("2026-11-25T07:59:00Z");
  ring.sent(*ring.choose(start, evening), start);
  ring.sent(*ring.choose(start, evening), start);
  CHECK_FALSE(ring.choose(start, evening));
  CHECK(ring.opens_at(start, evening) == start + 1min);
  CHECK(ring.choose(start + 1min, evening + 1min));
}
