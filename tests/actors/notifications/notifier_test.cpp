// SPDX-License-Identifier: MIT

// Delivery, back-off in virtual time, bounds, and completions that come late or on other threads.

#include "tests/actors/notifications/notifier_fixture.hpp"

#include <set>
#include <thread>

namespace stayler::test {

TEST_CASE_METHOD(notifying, "a notification is taken over before it is delivered") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  CHECK(channel->ids() == std::vector<std::string>{"e1"});
  CHECK(status(notifier).delivered == 0);
  complete(0, ok());
  CHECK(status(notifier).delivered == 1);
  CHECK(status(notifier).open == 0);
}

TEST_CASE_METHOD(notifying, "a failing receiver is tried for an hour, with doubling pauses") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  channel->verdict = [] { return server_down; };
  notify(notifier, "e1");
  advance(std::chrono::hours{2}, std::chrono::seconds{1});
  const auto offsets = channel->offsets();
  REQUIRE(offsets.size() == 20);
  CHECK(
      std::vector<double>(offsets.begin(), offsets.begin() + 6)
      == std::vector<double>{0, 1, 3, 7, 15, 31}
  );
  CHECK(offsets[9] == 511);
  CHECK(offsets[19] == 511 + 10 * 300);
  CHECK(channel->ids() == std::vector<std::string>(20, "e1"));
  CHECK(status(notifier).given_up == 1);
  CHECK(status(notifier).open == 0);
  REQUIRE(log_lines.size() == 1);
  CHECK(log_lines[0].find("e1") != std::string::npos);
  CHECK(log_lines[0].find("server_error") != std::string::npos);
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
  CHECK(status(notifier).given_up == 1);
}

TEST_CASE_METHOD(notifying, "a success after failures is a success") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, server_down);
  advance(std::chrono::seconds{1});
  complete(1, ok());
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 2);
  CHECK(status(notifier).delivered == 1);
  CHECK(status(notifier).given_up == 0);
  CHECK(log_lines.empty());
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
    notifying, "beyond the bound the oldest that is not under way is given up, and said"
) {
  auto chosen = options();
  chosen.max_open = 3;
  chosen.max_in_flight = 1;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"e1", "e2", "e3", "e4", "e5"}) {
    notify(notifier, id);
  }
  CHECK(status(notifier).given_up == 2);
  REQUIRE(log_lines.size() == 2);
  CHECK(log_lines[0].find("e2") != std::string::npos);
  CHECK(log_lines[1].find("e3") != std::string::npos);
  channel->verdict = [] { return ok(); };
  complete(0, ok());
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e4", "e5"});
}

TEST_CASE_METHOD(notifying, "a notification that is given up during its pause is not tried again") {
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
  CHECK(status(notifier).given_up == 1);
}

TEST_CASE_METHOD(
    notifying, "a flush is answered when all is delivered, given up or left to the outbox"
) {
  const notifier_actor notifier = spawn(actors::notifier, options());
  CHECK(call<unit_value>(notifier, flush_atom_v));

  for (const auto* id : {"e1", "e2", "e3"}) {
    notify(notifier, id);
  }
  const auto first = ask<unit_value>(notifier, flush_atom_v);
  const auto second = ask<unit_value>(notifier, flush_atom_v);
  complete(0, ok());
  complete(1, refused);
  CHECK_FALSE(first.has_answer());
  complete(2, server_down);
  CHECK(first.answer());
  CHECK(second.answer());
  CHECK(outbox->open_ids() == std::vector<std::string>{"e3"});
}

TEST_CASE_METHOD(notifying, "a flush waits for what no outbox keeps") {
  outbox->trouble = disk_full;
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  const auto flushed = ask<unit_value>(notifier, flush_atom_v);
  complete(0, server_down);
  CHECK_FALSE(flushed.has_answer());
  advance(std::chrono::seconds{1});
  complete(1, ok());
  CHECK(flushed.answer());
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
  CHECK(status(notifier).delivered == 1);

  notify(notifier, "e2");
  kill(notifier);
  complete(1, server_down);
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 2);
}

TEST_CASE_METHOD(notifying, "failures in a row are told, and forgotten at the next success") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, server_down);
  advance(std::chrono::seconds{1});
  complete(1, server_down);
  CHECK(status(notifier).failures_in_a_row == 2);
  CHECK(status(notifier).last_error == server_down);
  CHECK(status(notifier).last_failure == now());
  advance(std::chrono::seconds{2});
  complete(2, ok());
  CHECK(status(notifier).failures_in_a_row == 0);
}

TEST_CASE_METHOD(notifying, "a change of the settings disturbs nothing") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  tell(notifier, settings_atom_v, settings{});
  complete(0, ok());
  CHECK(status(notifier).delivered == 1);
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
      done(is_first ? void_result{failure{error_class::connection, "reset"}} : ok());
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
    options.outbox = adapters::make_memory_outbox();
    options.clock = std::make_shared<adapters::system_wall_clock>();
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
