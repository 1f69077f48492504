// SPDX-License-Identifier: MIT

// Delivery, back-off in virtual time, bounds, and completions that come late or on other threads.

#include "actors/notifier.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <set>
#include <thread>

namespace stayler::test {

namespace {

const failure server_down{error_class::server_error, "503", {}};
const failure refused{error_class::permission, "401", {}};

/// Keeps every delivery until the test decides how it ends; or ends it by `verdict` at once.
class patient_channel final : public adapters::notification_channel {
 public:
  struct delivery {
    std::string event_id;
    timestamp at;
    completion done;
  };

  explicit patient_channel(std::shared_ptr<adapters::wall_clock> clock)
      : clock_(std::move(clock)) {}

  std::vector<delivery> deliveries;
  std::function<void_result()> verdict;

  void deliver(const notification& event, completion done) override {
    deliveries.push_back({event.event_id, clock_->now(), done});
    if (verdict) {
      done(verdict());
    }
  }

  [[nodiscard]] std::string name() const override { return "patient"; }

  /// Seconds from the first delivery to each.
  [[nodiscard]] std::vector<double> offsets() const {
    std::vector<double> seconds;
    for (const auto& one : deliveries) {
      seconds.push_back(std::chrono::duration<double>(one.at - deliveries.front().at).count());
    }
    return seconds;
  }

  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto& one : deliveries) {
      all.push_back(one.event_id);
    }
    return all;
  }

 private:
  std::shared_ptr<adapters::wall_clock> clock_;
};

struct notifying : fixture {
  std::shared_ptr<patient_channel> channel = std::make_shared<patient_channel>(clock());
  captured_stderr log;

  notifying() { adapters::configure_log({}); }

  actors::notifier_options options() {
    actors::notifier_options chosen;
    chosen.channel = channel;
    return chosen;
  }

  void notify(const notifier_actor& whom, const std::string& event_id) {
    notification event;
    event.event_id = event_id;
    event.event = "conversion.completed";
    REQUIRE(call<unit_value>(whom, notify_atom_v, event));
  }

  void complete(std::size_t index, void_result outcome) {
    channel->deliveries.at(index).done(std::move(outcome));
    run();
  }

  static actors::notifier_state& state(const notifier_actor& whom) {
    using actor_type = actors::notifier_inner_actor::stateful_base<actors::notifier_state>;
    return dynamic_cast<actor_type&>(*caf::actor_cast<caf::abstract_actor*>(whom)).state;
  }
};

}  // namespace

TEST_CASE_METHOD(notifying, "a notification is taken over before it is delivered") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  CHECK(channel->ids() == std::vector<std::string>{"e1"});
  CHECK(state(notifier).delivered == 0);
  complete(0, ok());
  CHECK(state(notifier).delivered == 1);
  CHECK(state(notifier).open.empty());
}

TEST_CASE_METHOD(notifying, "a failing receiver is tried five times with doubling pauses") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  channel->verdict = [] { return server_down; };
  notify(notifier, "e1");
  advance(std::chrono::hours{1});
  CHECK(channel->offsets() == std::vector<double>{0, 1, 3, 7, 15});
  CHECK(channel->ids() == std::vector<std::string>(5, "e1"));
  CHECK(state(notifier).given_up == 1);
  CHECK(state(notifier).open.empty());
  const auto lines = log.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("eventId=e1") != std::string::npos);
  CHECK(lines[0].find("errorClass=server_error") != std::string::npos);
}

TEST_CASE_METHOD(notifying, "the pause before the next try counts from the end of the last one") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  advance(std::chrono::seconds{10});
  complete(0, server_down);
  advance(std::chrono::milliseconds{990});
  CHECK(channel->deliveries.size() == 1);
  advance(std::chrono::milliseconds{10});
  CHECK(channel->deliveries.size() == 2);
}

TEST_CASE_METHOD(notifying, "a receiver that names a longer pause gets it, up to the bound") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, failure{error_class::rate_limited, "", milliseconds{60'000}});
  advance(std::chrono::seconds{60});
  REQUIRE(channel->deliveries.size() == 2);
  complete(1, failure{error_class::rate_limited, "", std::chrono::hours{24}});
  advance(std::chrono::minutes{5});
  CHECK(channel->offsets() == std::vector<double>{0, 60, 360});
}

TEST_CASE_METHOD(notifying, "a receiver that refuses is not asked twice") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, refused);
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 1);
  CHECK(state(notifier).given_up == 1);
}

TEST_CASE_METHOD(notifying, "a success after failures is a success") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, server_down);
  advance(std::chrono::seconds{1});
  complete(1, ok());
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 2);
  CHECK(state(notifier).delivered == 1);
  CHECK(state(notifier).given_up == 0);
  CHECK(log.text().empty());
}

TEST_CASE_METHOD(notifying, "no more deliveries are under way than allowed") {
  auto chosen = options();
  chosen.max_in_flight = 2;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"e1", "e2", "e3", "e4"}) {
    notify(notifier, id);
  }
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2"});
  complete(1, ok());
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2", "e3"});
  complete(0, server_down);
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2", "e3", "e4"});
  // The pause of e1 is over, but both places are taken.
  advance(std::chrono::seconds{5});
  CHECK(channel->deliveries.size() == 4);
  complete(2, ok());
  CHECK(channel->ids().back() == "e1");
}

TEST_CASE_METHOD(
    notifying, "beyond the bound the oldest that is not under way is dropped, and said"
) {
  auto chosen = options();
  chosen.max_open = 3;
  chosen.max_in_flight = 1;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"e1", "e2", "e3", "e4", "e5"}) {
    notify(notifier, id);
  }
  CHECK(state(notifier).dropped == 2);
  const auto lines = log.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("eventId=e2") != std::string::npos);
  CHECK(lines[1].find("eventId=e3") != std::string::npos);
  channel->verdict = [] { return ok(); };
  complete(0, ok());
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e4", "e5"});
}

TEST_CASE_METHOD(notifying, "a notification that is dropped during its pause is not tried again") {
  auto chosen = options();
  chosen.max_open = 1;
  chosen.max_in_flight = 1;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  notify(notifier, "e1");
  complete(0, server_down);
  notify(notifier, "e2");
  complete(1, ok());
  advance(std::chrono::hours{1});
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2"});
  CHECK(state(notifier).dropped == 1);
}

TEST_CASE_METHOD(notifying, "a flush is answered when all is delivered or given up") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  CHECK(call<unit_value>(notifier, flush_atom_v));

  notify(notifier, "e1");
  notify(notifier, "e2");
  const auto first = ask<unit_value>(notifier, flush_atom_v);
  const auto second = ask<unit_value>(notifier, flush_atom_v);
  complete(0, ok());
  CHECK_FALSE(first.has_answer());
  complete(1, server_down);
  CHECK_FALSE(first.has_answer());
  advance(std::chrono::seconds{1});
  complete(2, refused);
  CHECK(first.answer());
  CHECK(second.answer());
}

TEST_CASE_METHOD(notifying, "a flush is answered with unavailable when the notifier ends") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  const auto flushed = ask<unit_value>(notifier, flush_atom_v);
  kill(notifier);
  CHECK(flushed.answer().error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(
    notifying, "a completion after the notifier's end does nothing, before it counts once"
) {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, ok());
  complete(0, ok());
  CHECK(state(notifier).delivered == 1);
  CHECK(state(notifier).in_flight == 0);

  notify(notifier, "e2");
  kill(notifier);
  complete(1, server_down);
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 2);
}

TEST_CASE_METHOD(notifying, "a change of the settings disturbs nothing") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  tell(notifier, settings_atom_v, settings{});
  complete(0, ok());
  CHECK(state(notifier).delivered == 1);
}

namespace {

/// Completes on threads of its own, failing each notification's first try.
class threaded_channel final : public adapters::notification_channel {
 public:
  ~threaded_channel() override {
    for (auto& thread : threads_) {
      thread.join();
    }
  }

  int tries = 0;

  void deliver(const notification& event, completion done) override {
    ++tries;
    const bool is_first = seen_.insert(event.event_id).second;
    threads_.emplace_back([done, is_first] {
      done(is_first ? void_result{failure{error_class::connection, "reset", {}}} : ok());
    });
  }

  [[nodiscard]] std::string name() const override { return "threaded"; }

 private:
  std::set<std::string> seen_;
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("completions from other threads arrive, also those after the notifier's end") {
  caf::actor_system_config config;
  const auto channel = std::make_shared<threaded_channel>();
  {
    caf::actor_system system{config};
    actors::notifier_options options;
    options.channel = channel;
    options.max_in_flight = 1;
    options.first_pause = milliseconds{1};
    const notifier_actor notifier = system.spawn(actors::notifier, options);
    caf::scoped_actor self{system};
    for (int i = 0; i < 50; ++i) {
      notification event;
      event.event_id = std::to_string(i);
      self->send(notifier, notify_atom_v, event);
    }
    bool is_flushed = false;
    self->request(notifier, std::chrono::seconds{60}, flush_atom_v)
        .receive([&](unit_value) { is_flushed = true; }, [](const caf::error&) {});
    CHECK(is_flushed);
    CHECK(channel->tries == 100);
    self->send(notifier, notify_atom_v, notification{});
    self->send_exit(notifier, caf::exit_reason::kill);
  }
  CHECK(channel->tries <= 101);
}

}  // namespace stayler::test
