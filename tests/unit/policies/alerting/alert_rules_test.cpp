// SPDX-License-Identifier: MIT

// When alerts fire and end: the conditions of config/prometheus/alerts.yml, held for as long.

#include "policies/alerting/alert_rules.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <functional>

namespace stayler::policies {

namespace {

using namespace std::chrono_literals;
using changes = std::vector<alert_change>;

alert_facts well() {
  alert_facts facts;
  facts.pending = 0;
  facts.workers = 4;
  facts.full_store_errors = 0;
  facts.refused_keys = 0;
  facts.breaker = breaker_state::closed;
  facts.open_notifications = 0;
  facts.given_up_notifications = 0;
  return facts;
}

/// Rules that have seen a service that is well.
struct watched_service {
  alert_rules rules;
  alert_facts facts = well();
  test::clock_time now = test::start;
  timestamp date = test::date("2026-11-30T12:00:00Z");

  watched_service() { CHECK(rules.update(facts, now, date).empty()); }

  /// All is well again; what was counted stays counted.
  void end_conditions() {
    facts.pending = 0;
    facts.breaker = breaker_state::closed;
    facts.open_notifications = 0;
  }

  changes after(milliseconds pause) {
    now += pause;
    date += pause;
    return rules.update(facts, now, date);
  }
};

struct condition {
  alert_kind kind;
  milliseconds hold;
  std::function<void(alert_facts&)> begin;
  std::string summary;
};

std::vector<condition> conditions() {
  return {
      {alert_kind::no_workers, 2min,
       [](alert_facts& facts) {
         facts.pending = 14;
         facts.workers = 0;
       },
       "14 jobs are pending, and no worker has joined"},
      {alert_kind::store_full, 1min, [](alert_facts& facts) { facts.full_store_errors = 1; },
       "the job store takes no more: it is full"},
      {alert_kind::provider_key_refused, 0min,
       [](alert_facts& facts) {
         facts.refused_keys = 3;
         facts.refusal = "authentication";
       },
       "the provider refuses a key: authentication"},
      {alert_kind::breaker_open, 15min,
       [](alert_facts& facts) { facts.breaker = breaker_state::open; },
       "the provider fails; its circuit breaker has been open or half open for 15 minutes"},
      {alert_kind::notifications_stuck, 10min,
       [](alert_facts& facts) { facts.open_notifications = 1'001; },
       "1001 notifications are not delivered"},
      {alert_kind::notifications_stuck, 10min,
       [](alert_facts& facts) { facts.given_up_notifications = 1; }, "notifications are given up"}};
}

}  // namespace

TEST_CASE("an alert fires when its condition has held for its time, once, and ends with it") {
  for (const condition& each : conditions()) {
    CAPTURE(each.summary);
    watched_service service;
    each.begin(service.facts);
    const timestamp since = service.date + 5s;
    changes told = service.after(5s);
    if (each.hold > 0ms) {
      CHECK(told.empty());
      CHECK(service.after(each.hold - 1ms).empty());
      told = service.after(1ms);
    }
    REQUIRE(told == changes{{each.kind, true, each.summary, since}});
    CHECK(service.after(5s).empty());
    service.end_conditions();
    CHECK(service.after(20min) == changes{{each.kind, false, each.summary, since}});
    CHECK(service.after(5s).empty());
  }
}

TEST_CASE("what passes before its time is told to nobody") {
  watched_service service;
  service.facts.breaker = breaker_state::half_open;
  CHECK(service.after(5s).empty());
  CHECK(service.after(14min).empty());
  service.facts.breaker = breaker_state::closed;
  CHECK(service.after(5s).empty());
  service.facts.breaker = breaker_state::open;
  CHECK(service.after(5s).empty());
  CHECK(service.after(14min).empty());
  CHECK(service.after(1min).size() == 1);
}

TEST_CASE("what is not known leaves an alert as it stands") {
  watched_service service;
  service.facts.pending = 1;
  service.facts.workers = 0;
  service.after(5s);
  REQUIRE(service.after(2min).size() == 1);
  service.facts.pending.reset();
  CHECK(service.after(1h).empty());
  service.facts.pending = 0;
  CHECK(service.after(5s).size() == 1);
}

TEST_CASE("an alert that comes and goes is told of once in ten minutes") {
  watched_service service;
  std::size_t fired = 0;
  for (int minute = 0; minute < 60; minute += 4) {
    service.facts.workers = 0;
    service.facts.pending = 1;
    service.after(0s);
    fired += service.after(3min).size();
    service.facts.pending = 0;
    service.after(1min);
  }
  CHECK(fired == 5);
}

TEST_CASE("an error counts for a while, and what was counted before the start does not") {
  alert_rules rules;
  alert_facts facts = well();
  facts.refused_keys = 7;
  CHECK(rules.update(facts, test::start, {}).empty());
  facts.refused_keys = 2;  // the one that counts has been restarted
  CHECK(rules.update(facts, test::start + 5s, {}).empty());
  facts.refused_keys = 3;
  CHECK(rules.update(facts, test::start + 10s, {}).size() == 1);
  CHECK(rules.update(facts, test::start + 10s + 14min, {}).empty());
  CHECK(rules.update(facts, test::start + 10s + 15min, {}).size() == 1);
}

TEST_CASE("an alert of an earlier process ends if its cause has gone, and is not told twice") {
  const timestamp since = test::date("2026-11-30T11:00:00Z");
  SECTION("it has gone") {
    alert_rules rules;
    rules.resume(alert_kind::store_full, "full", since, test::start);
    CHECK(rules.update(well(), test::start, since + 1h).empty());
    CHECK(rules.update(well(), test::start + 10min - 1ms, since + 1h).empty());
    CHECK(
        rules.update(well(), test::start + 10min, since + 1h)
        == changes{{alert_kind::store_full, false, "full", since}}
    );
  }
  SECTION("it has not") {
    alert_rules rules;
    rules.resume(alert_kind::no_workers, "none", since, test::start);
    alert_facts facts = well();
    facts.pending = 1;
    facts.workers = 0;
    CHECK(rules.update(facts, test::start, since + 1h).empty());
    CHECK(rules.update(facts, test::start + 1h, since + 2h).empty());
    CHECK(
        rules.update(well(), test::start + 2h, since + 3h)
        == changes{{alert_kind::no_workers, false, "none", since}}
    );
  }
}

TEST_CASE("a refused key is told of once, however often the service is started again meanwhile") {
  const timestamp since = test::date("2026-11-30T11:00:00Z");
  for (int start = 0; start < 4; ++start) {
    alert_rules rules;
    alert_facts facts = well();
    rules.resume(alert_kind::provider_key_refused, "a key", since, test::start);
    CHECK(rules.update(facts, test::start, since + 1h).empty());
    facts.refused_keys = 1;
    CHECK(rules.update(facts, test::start + 8s, since + 1h).empty());
    CHECK(rules.update(facts, test::start + 14min, since + 1h).empty());
    CHECK(rules.update(facts, test::start + 16min, since + 1h).size() == 1);
  }
}

}  // namespace stayler::policies
