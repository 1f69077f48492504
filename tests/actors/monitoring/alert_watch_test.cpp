// SPDX-License-Identifier: MIT

// What the application hears of alerts, and what it hears once only.

#include "actors/monitoring/alert_watch.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace stayler::test {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A watch over a queue, limits and a notifier that say what the test wants them to.
struct alert_watched : fixture {
  queue_status queue;
  provider_status provider;
  notification_status deliveries;
  std::vector<kept_notification> kept;  ///< what the outbox has, the newest first
  std::vector<notification> told;
  int queue_asked = 0;
  bool is_queue_mute = false;
  bool is_outbox_away = false;
  bool notifies = true;
  actors::alert_watch_actor watch;

  alert_watched() { queue.is_reaper = true; }

  void start() {
    using self_pointer = caf::event_based_actor*;
    actors::alert_watch_options options;
    options.queue = spawn_fake<queue_actor>([this](self_pointer self) -> caf::behavior {
      return {[this, self](status_atom) -> caf::result<queue_status> {
        ++queue_asked;
        return is_queue_mute
                   ? caf::result<queue_status>{self->make_response_promise<queue_status>()}
                   : caf::result<queue_status>{queue};
      }};
    });
    options.limits = spawn_fake<provider_limits_actor>([this](self_pointer) -> caf::behavior {
      return {[this](status_atom) { return provider; }};
    });
    options.notifier = spawn_fake<notifier_actor>([this](self_pointer) -> caf::behavior {
      return {
          [this](status_atom) { return deliveries; },
          [this](list_atom, const notification_filter& filter) { return list(filter); },
          [this](notify_atom, const notification& event) {
            told.push_back(event);
            return unit_value{};
          }};
    });
    options.clock = clock();
    options.instance = "host-1";
    options.notifies = notifies;
    watch = spawn(actors::alert_watch, options);
  }

  caf::result<notification_page> list(const notification_filter& filter) {
    if (is_outbox_away) {
      return actors::to_error({error_class::unavailable, "away"});
    }
    notification_page page;
    std::ranges::copy_if(kept, std::back_inserter(page.notifications), [&](const auto& one) {
      return one.event.event == filter.event;
    });
    return page;
  }

  /// So much time, looked at as often as the watch does.
  void pass(seconds time) {
    for (seconds passed{0}; passed < time; passed += seconds{5}) {
      advance(seconds{5}, seconds{1});
    }
  }

  void refuse_key() {
    ++provider.refused_keys;
    provider.last_refusal = error_class::authentication;
  }
};

kept_notification kept_alert(std::string_view event, const std::string& instance, timestamp since) {
  kept_notification one;
  one.event.event = event;
  one.event.alert = {"ProviderKeyRefused", "a key", instance, since};
  return one;
}

}  // namespace

TEST_CASE_METHOD(alert_watched, "the application hears when an alert fires, and when it is over") {
  start();
  pass(seconds{10});
  refuse_key();
  pass(seconds{10});
  REQUIRE(told.size() == 1);
  CHECK(told[0].event == "alert.firing");
  CHECK(told[0].job == job_id{});
  CHECK(told[0].alert.name == "ProviderKeyRefused");
  CHECK(told[0].alert.summary == "the provider refuses a key: authentication");
  CHECK(told[0].alert.instance == "host-1");
  pass(minutes{15});
  REQUIRE(told.size() == 2);
  CHECK(told[1].event == "alert.resolved");
  CHECK(told[1].alert == told[0].alert);
  CHECK(told[1].event_id != told[0].event_id);
}

TEST_CASE_METHOD(alert_watched, "the reaper alone tells what concerns all coordinators") {
  queue.is_reaper = GENERATE(true, false);
  queue.counts.pending = 3;
  provider.breaker = breaker_state::open;
  start();
  pass(minutes{16});
  CHECK(told.size() == (queue.is_reaper ? 2 : 0));
}

TEST_CASE_METHOD(alert_watched, "workers of other coordinators are workers") {
  queue.counts.pending = 3;
  provider.workers_of_all = 2;
  start();
  pass(minutes{5});
  CHECK(told.empty());
}

TEST_CASE_METHOD(alert_watched, "a full store is told of by each coordinator that meets it") {
  queue.is_reaper = false;
  start();
  pass(seconds{10});
  queue.full_store_errors = 1;
  pass(minutes{2});
  REQUIRE(told.size() == 1);
  CHECK(told[0].alert.name == "StoreFull");
}

TEST_CASE_METHOD(alert_watched, "that notifications are stuck is no notification") {
  deliveries.open = 2'000;
  start();
  pass(minutes{11});
  CHECK(told.empty());
}

TEST_CASE_METHOD(
    alert_watched, "a live setting keeps alerts from the application until it is changed"
) {
  notifies = false;
  start();
  pass(seconds{10});
  refuse_key();
  pass(seconds{10});
  CHECK(told.empty());
  settings changed;
  changed.alerts = true;
  tell(watch, settings_atom_v, changed);
  tell(watch, settings_atom_v, changed);
  pass(seconds{5});
  REQUIRE(told.size() == 1);
  CHECK(told[0].event == "alert.firing");
  pass(minutes{15});
  REQUIRE(told.size() == 2);
  CHECK(told[1].event == "alert.resolved");
  CHECK(told[1].alert == told[0].alert);
}

TEST_CASE_METHOD(alert_watched, "an alert of an earlier process ends as that would have ended it") {
  const timestamp since = now() - minutes{30};
  kept = {kept_alert("alert.firing", "host-1", since)};
  SECTION("it fires still") {
    start();
    pass(minutes{9});
    CHECK(told.empty());
    pass(minutes{2});
    REQUIRE(told.size() == 1);
    CHECK(told[0].event == "alert.resolved");
    CHECK(told[0].alert == kept[0].event.alert);
  }
  SECTION("it is over") {
    kept.push_back(kept_alert("alert.resolved", "host-1", since));
    start();
    pass(seconds{10});
    CHECK(told.empty());
  }
  SECTION("it is another host's") {
    kept[0].event.alert.instance = "host-2";
    start();
    pass(seconds{10});
    CHECK(told.empty());
  }
  SECTION("the outbox is away") {
    is_outbox_away = true;
    start();
    pass(seconds{10});
    CHECK(told.empty());
    refuse_key();
    pass(seconds{10});
    CHECK(told.size() == 1);
  }
}

TEST_CASE_METHOD(
    alert_watched, "a store that does not answer is asked once, and what it has no part in is told"
) {
  is_queue_mute = true;
  start();
  pass(minutes{1});
  CHECK(queue_asked == 1);
  refuse_key();
  pass(seconds{10});
  CHECK(told.size() == 1);
}

}  // namespace stayler::test
