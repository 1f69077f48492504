// SPDX-License-Identifier: MIT

// What the state of the parts makes of the whole, and how often the parts are asked.

#include "actors/monitoring/health.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

namespace stayler::test {

namespace {

template <class T>
caf::result<T> say(const failure& error, const T& value) {
  if (error) {
    return actors::to_error(error);
  }
  return value;
}

/// Health over parts that say what the test wants them to.
struct checked : fixture {
  failure queue_error;
  failure storage_error;
  failure database_error;
  failure gemini_error;
  failure notifier_error;
  queue_status queue;
  provider_status gemini;
  provider_check setup{provider_check::verdict::works, {}, {}};
  notification_status notifications;
  codec_status codec;
  dispatch_status dispatch{true, true};
  failure dispatch_error;
  bool storage_is_mute = false;
  int rounds = 0;                   ///< how often the queue was asked
  std::vector<health_report> told;  ///< to the metrics

  std::shared_ptr<std::atomic<bool>> has_started = std::make_shared<std::atomic<bool>>(false);
  actors::directory parts = make_parts();
  health_actor health = spawn_health(parts);

  checked() { queue.state = service_state::running; }

  health_actor spawn_health(const actors::directory& known) {
    actors::health_options options;
    options.parts = known;
    options.clock = clock();
    options.has_started = has_started;
    return spawn(actors::health, options);
  }

  actors::directory make_parts() {
    using self_pointer = caf::event_based_actor*;
    actors::directory made;
    made.queue = spawn_fake<queue_actor>([this](self_pointer) -> caf::behavior {
      return {
          [this](status_atom) {
            ++rounds;
            return say(queue_error, queue);
          },
          [this](probe_atom) { return say(dispatch_error, dispatch); }};
    });
    made.dispatch = made.queue;
    made.metrics = spawn_fake<metrics_actor>([this](self_pointer) -> caf::behavior {
      return {[this](const health_report& found) { told.push_back(found); }};
    });
    made.blobs = spawn_fake<blob_store_actor>([this](self_pointer self) -> caf::behavior {
      return {[this, self](probe_atom) -> caf::result<unit_value> {
        if (storage_is_mute) {
          return self->make_response_promise<unit_value>();
        }
        return say(storage_error, unit_value{});
      }};
    });
    made.images = spawn_fake<image_processor_actor>([this](self_pointer) -> caf::behavior {
      return {[this](status_atom) { return codec; }};
    });
    made.records = spawn_fake<record_io_actor>([this](self_pointer) -> caf::behavior {
      return {[this](probe_atom) { return say(database_error, unit_value{}); }};
    });
    made.limits = spawn_fake<provider_limits_actor>([this](self_pointer) -> caf::behavior {
      return {[this](status_atom) { return say(gemini_error, gemini); }};
    });
    made.gemini = spawn_fake<gemini_client_actor>([this](self_pointer) -> caf::behavior {
      return {[this](status_atom) { return setup; }};
    });
    made.notifier = spawn_fake<notifier_actor>([this](self_pointer) -> caf::behavior {
      return {[this](status_atom) { return say(notifier_error, notifications); }};
    });
    return made;
  }

  health_report report() { return call<health_report>(health, status_atom_v).value(); }
  health_report readiness() { return call<health_report>(health, probe_atom_v).value(); }

  /// The parts are asked anew.
  health_report next_readiness() {
    advance(std::chrono::seconds{1});
    return readiness();
  }

  static health_check check_of(const health_report& from, const std::string& name) {
    const auto found = std::find_if(from.checks.begin(), from.checks.end(), [&](const auto& check) {
      return check.name == name;
    });
    REQUIRE(found != from.checks.end());
    return *found;
  }
};

failure away(const std::string& what) {
  return {error_class::unavailable, what + " is away"};
}

}  // namespace

TEST_CASE_METHOD(checked, "a service whose parts are well is healthy and ready") {
  const auto all = report();
  CHECK(all.state == health_state::healthy);
  CHECK(all.is_ready);
  CHECK(all.at == now());
  REQUIRE(all.checks.size() == 7);
  for (const auto* name :
       {"queue", "storage", "codec", "database", "gemini", "provider_setup", "notifications"}) {
    CHECK(check_of(all, name).state == health_state::healthy);
    CHECK(check_of(all, name).message.empty());
  }
}

TEST_CASE_METHOD(
    checked, "a queue that cannot ask its store makes the service unhealthy, but ready"
) {
  queue_error = away("redis");
  const auto all = report();
  CHECK(all.state == health_state::unhealthy);
  CHECK(all.is_ready);
  CHECK(check_of(all, "queue").message == "unavailable: redis is away");
}

TEST_CASE_METHOD(checked, "a process has started when its store has answered once, and for good") {
  dispatch.has_begun = false;
  queue_error = away("redis");
  CHECK_FALSE(readiness().has_started);
  CHECK_FALSE(readiness().is_ready);
  CHECK(check_of(readiness(), "queue").state == health_state::starting);
  dispatch.has_begun = true;
  CHECK(next_readiness().has_started);
  CHECK(readiness().is_ready);
  dispatch.has_begun = false;  // another queue, after a restart, whose store is away
  CHECK(next_readiness().has_started);
  CHECK(readiness().is_ready);
}

TEST_CASE_METHOD(checked, "that the process has started outlives the health actor") {
  CHECK(readiness().has_started);
  kill(health);
  dispatch.has_begun = false;
  health = spawn_health(parts);
  CHECK(readiness().has_started);
  CHECK(readiness().is_ready);
}

TEST_CASE_METHOD(checked, "readiness waits for nothing that other processes share") {
  storage_is_mute = true;
  queue_error = away("redis");
  database_error = away("database");
  gemini_error = away("gemini");
  const auto ready = readiness();
  CHECK(ready.is_ready);
  CHECK(ready.state == health_state::healthy);
  CHECK(ready.checks.size() == 2);
  CHECK(rounds == 0);
}

TEST_CASE_METHOD(checked, "a queue that does not answer at all is not ready") {
  CHECK(readiness().is_ready);
  dispatch_error = away("the queue");
  CHECK_FALSE(next_readiness().is_ready);
  CHECK(readiness().state == health_state::unhealthy);
  kill(parts.queue);
  CHECK_FALSE(next_readiness().is_ready);
  CHECK(readiness().has_started);
}

TEST_CASE_METHOD(
    checked, "a node is not ready before it has joined once, and stays it afterwards"
) {
  using self_pointer = caf::event_based_actor*;
  const auto is_joined = std::make_shared<bool>(false);
  actors::directory of_node = parts;
  of_node.coordinator =
      spawn_fake<coordinator_link_actor>([is_joined](self_pointer) -> caf::behavior {
        return {
            [is_joined](status_atom) {
              return say(*is_joined ? failure{} : away("it"), link_status{});
            },
            [is_joined](probe_atom) {
              return dispatch_status{true, *is_joined};
            }};
      });
  of_node.dispatch = of_node.coordinator;
  health = spawn_health(of_node);
  CHECK_FALSE(readiness().has_started);
  CHECK_FALSE(readiness().is_ready);
  CHECK(check_of(readiness(), "coordinator").message == "no coordinator has been joined yet");
  *is_joined = true;
  CHECK(next_readiness().is_ready);
  *is_joined = false;
  CHECK(next_readiness().is_ready);
  CHECK(report().state == health_state::degraded);
}

TEST_CASE_METHOD(checked, "the metrics hear of the health even where nobody asks") {
  storage_error = away("storage");
  advance(std::chrono::seconds{1});
  REQUIRE(told.size() == 1);
  CHECK(check_of(told[0], "storage").state == health_state::degraded);
  storage_error = {};
  advance(std::chrono::seconds{15});
  REQUIRE(told.size() == 2);
  CHECK(check_of(told[1], "storage").state == health_state::healthy);
}

TEST_CASE_METHOD(checked, "a setup that does not work degrades, and names what is to be mended") {
  using verdict = provider_check::verdict;
  setup.is = GENERATE(verdict::broken, verdict::untold);
  setup.problem = "GEMINI_MODEL: there is no model x";
  const auto all = report();
  CHECK(all.state == health_state::degraded);
  CHECK(all.is_ready);
  CHECK(check_of(all, "provider_setup").state == health_state::degraded);
  CHECK(check_of(all, "provider_setup").message == setup.problem);
}

TEST_CASE_METHOD(checked, "a setup that nobody has asked about is taken to be well") {
  setup = {};
  CHECK(report().state == health_state::healthy);
}

TEST_CASE_METHOD(checked, "a model that stands in for the first degrades, and is named") {
  gemini.model = "second";
  gemini.models = {{"first", breaker_state::open, {}, 1}, {"second", {}, {}, 2}};
  const auto all = report();
  CHECK(all.state == health_state::degraded);
  CHECK(check_of(all, "gemini").message == "second makes the pictures in place of first");
}

TEST_CASE_METHOD(checked, "without a codec process the service is not ready, and says why") {
  codec.problem = "the filter of system calls cannot be loaded";
  const auto all = report();
  CHECK(all.state == health_state::degraded);
  CHECK_FALSE(all.is_ready);
  CHECK(check_of(all, "codec").state == health_state::unhealthy);
  CHECK(check_of(all, "codec").message == codec.problem);
}

TEST_CASE_METHOD(checked, "storage, database or provider away only degrade, and are named") {
  const std::string name = GENERATE("storage", "database", "gemini");
  (name == "storage"    ? storage_error
   : name == "database" ? database_error
                        : gemini_error) = away(name);
  const auto all = report();
  CHECK(all.state == health_state::degraded);
  CHECK(all.is_ready);
  CHECK(check_of(all, name).state == health_state::degraded);
  CHECK(check_of(all, name).message == "unavailable: " + name + " is away");
  CHECK(check_of(all, "queue").state == health_state::healthy);
}

TEST_CASE_METHOD(checked, "a stopped or draining service is healthy, but not ready") {
  queue.state = GENERATE(service_state::stopped, service_state::draining);
  dispatch.is_open = false;
  CHECK(report().state == health_state::healthy);
  CHECK_FALSE(report().is_ready);
}

TEST_CASE_METHOD(checked, "a provider whose last call failed by its own doing degrades") {
  gemini.last_error = {error_class::quota_exceeded, "daily quota used up"};
  gemini.last_failure = now();
  const auto all = report();
  CHECK(all.state == health_state::degraded);
  CHECK(check_of(all, "gemini").message == "quota_exceeded: daily quota used up");
}

TEST_CASE_METHOD(checked, "a picture that the provider refuses says nothing about the provider") {
  gemini.last_error = {error_class::safety_blocked, "blocked"};
  gemini.last_failure = now();
  CHECK(report().state == health_state::healthy);
}

TEST_CASE_METHOD(checked, "an old failure of the provider says nothing any more") {
  gemini.last_error = away("gemini");
  gemini.last_failure = now();
  CHECK(report().state == health_state::degraded);
  advance(std::chrono::minutes{6});
  CHECK(report().state == health_state::healthy);
}

TEST_CASE_METHOD(checked, "deliveries that fail again and again degrade, until one succeeds") {
  notifications.open = 1;
  notifications.failures_in_a_row = 2;
  notifications.last_error = {error_class::connection, "refused"};
  notifications.last_failure = now();
  CHECK(report().state == health_state::healthy);
  notifications.failures_in_a_row = 3;
  advance(std::chrono::seconds{1});
  const auto failing = report();
  CHECK(failing.state == health_state::degraded);
  CHECK(failing.is_ready);
  CHECK(
      check_of(failing, "notifications").message
      == "3 deliveries in a row failed: connection: refused"
  );
  advance(std::chrono::minutes{6});
  CHECK(report().state == health_state::degraded);
  notifications.open = 0;  // all given up, a while ago
  advance(std::chrono::seconds{1});
  CHECK(report().state == health_state::healthy);
}

TEST_CASE_METHOD(checked, "too many open notifications degrade") {
  notifications.open = 1'000;
  CHECK(report().state == health_state::healthy);
  notifications.open = 1'001;
  advance(std::chrono::seconds{1});
  CHECK(
      check_of(report(), "notifications").message == "1001 notifications wait for their delivery"
  );
  CHECK(report().state == health_state::degraded);
}

TEST_CASE_METHOD(checked, "an outbox that is away degrades, and is named") {
  notifications.outbox_error = away("disk");
  CHECK(report().state == health_state::degraded);
  CHECK(
      check_of(report(), "notifications").message == "the outbox is away: unavailable: disk is away"
  );
}

TEST_CASE_METHOD(checked, "the parts are asked once a second at most") {
  for (int i = 0; i < 10; ++i) {
    CHECK(report().state == health_state::healthy);
  }
  CHECK(rounds == 1);
  queue_error = away("redis");
  advance(milliseconds{990});
  CHECK(report().state == health_state::healthy);
  advance(milliseconds{10});
  CHECK(report().state == health_state::unhealthy);
  CHECK(rounds == 2);
}

TEST_CASE_METHOD(checked, "who asks while the parts are being asked gets that answer too") {
  storage_is_mute = true;
  const auto first = ask<health_report>(health, status_atom_v);
  advance(milliseconds{500});
  const auto second = ask<health_report>(health, status_atom_v);
  CHECK_FALSE(first.has_answer());
  CHECK(rounds == 1);
  advance(milliseconds{1'500});
  CHECK(first.answer().value() == second.answer().value());
  CHECK(rounds == 1);
}

TEST_CASE_METHOD(
    checked, "a part that does not answer in time is given up, and the time is shown"
) {
  storage_is_mute = true;
  const auto answer = ask<health_report>(health, status_atom_v);
  advance(milliseconds{1'990});
  CHECK_FALSE(answer.has_answer());
  advance(milliseconds{10});
  const auto& all = answer.answer().value();
  CHECK(all.state == health_state::degraded);
  CHECK(check_of(all, "storage").message == "timeout: no answer in time");
  CHECK(check_of(all, "storage").took == milliseconds{2'000});
  CHECK(check_of(all, "queue").took == milliseconds{0});
}

TEST_CASE_METHOD(checked, "a part that has died counts like one that is away") {
  kill(parts.records);
  CHECK(check_of(report(), "database").state == health_state::degraded);
  kill(parts.queue);
  advance(std::chrono::seconds{1});
  CHECK(report().state == health_state::unhealthy);
}

TEST_CASE_METHOD(checked, "a service without a queue yet is starting, without the rest degraded") {
  const auto early = spawn_health({});
  const auto none = call<health_report>(early, status_atom_v).value();
  CHECK(none.state == health_state::starting);
  CHECK_FALSE(none.is_ready);

  auto some = parts;
  some.limits = provider_limits_actor{};
  const auto late = spawn_health(some);
  CHECK(call<health_report>(late, status_atom_v).value().state == health_state::degraded);
}

TEST_CASE_METHOD(checked, "who waits for a report is answered when the health actor ends") {
  storage_is_mute = true;
  const auto answer = ask<health_report>(health, status_atom_v);
  kill(health);
  CHECK(answer.answer().error().kind == error_class::unavailable);
}

}  // namespace stayler::test
