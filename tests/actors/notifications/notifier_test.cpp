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
  complete(0, delivered);
  CHECK(status(notifier).delivered == 1);
  CHECK(status(notifier).open == 0);
}

TEST_CASE_METHOD(notifying, "a failing receiver is tried for three days, with doubling pauses") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  channel->verdict = [] { return server_down; };
  notify(notifier, "e1");
  advance(std::chrono::hours{3}, std::chrono::seconds{1});
  advance(std::chrono::hours{77}, std::chrono::minutes{1});
  const auto offsets = channel->offsets();
  REQUIRE(offsets.size() > 13);
  CHECK(
      std::vector<double>(offsets.begin(), offsets.begin() + 6)
      == std::vector<double>{0, 1, 3, 7, 15, 31}
  );
  CHECK(offsets[12] == 4'095);
  CHECK(offsets[13] == 4'095 + 3'600);
  CHECK(offsets.back() == 72 * 3'600);
  CHECK(channel->ids() == std::vector<std::string>(offsets.size(), "e1"));
  CHECK(status(notifier).given_up == 1);
  CHECK(status(notifier).open == 0);
  REQUIRE(log_lines.size() == 2);
  CHECK(log_lines[0] == "notifications are not delivered: failing: 503; they are tried again");
  CHECK(log_lines[1].find("gave up notification e1") != std::string::npos);
  CHECK(log_lines[1].find("failing: 503") != std::string::npos);
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
  advance(std::chrono::minutes{60});
  CHECK(channel->offsets() == std::vector<double>{0, 60, 3'660});
}

TEST_CASE_METHOD(notifying, "whatever a receiver answers, it is asked again, but for 410") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  std::size_t tries = 0;
  for (const auto problem :
       {delivery_problem::not_found, delivery_problem::refused, delivery_problem::rejected,
        delivery_problem::redirect, delivery_problem::failing, delivery_problem::not_allowed,
        delivery_problem::unreachable, delivery_problem::timeout}) {
    complete(tries++, {problem, {error_class::invalid_input, "why"}});
    advance(std::chrono::hours{1}, std::chrono::seconds{1});
    REQUIRE(channel->deliveries.size() == tries + 1);
  }
  complete(tries, gone);
  advance(std::chrono::hours{2}, std::chrono::minutes{1});
  CHECK(channel->deliveries.size() == tries + 1);
  CHECK(status(notifier).given_up == 1);
  // Each problem is said and counted for itself.
  REQUIRE(log_lines.size() == tries + 2);
  CHECK(log_lines[3].find("redirect: why") != std::string::npos);
  CHECK(log_lines[tries] == "notifications are not delivered: gone: 410");
  for (std::size_t i = 1; i < told.failed.size(); ++i) {
    const auto problem = static_cast<delivery_problem>(i);
    INFO(to_string(problem));
    CHECK(told.failed.at(i) == (problem == delivery_problem::rate_limited ? 0 : 1));
  }
}

TEST_CASE_METHOD(notifying, "what a receiver says is kept in printable words") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(
      0, {delivery_problem::failing, {error_class::unavailable, "a\xFF\n" + std::string(999, 'b')}}
  );
  const auto kept = outbox->list({}).value().notifications.at(0);
  CHECK(kept.error == "a??" + std::string(497, 'b'));
  CHECK(kept.problem == delivery_problem::failing);
  CHECK(kept.tries == 1);
  CHECK(kept.due_at == now() + std::chrono::seconds{1});
}

TEST_CASE_METHOD(notifying, "limits that change while it runs count from then on") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  settings changed;
  changed.notify_max_pause = std::chrono::seconds{2};
  changed.notify_give_up = std::chrono::seconds{6};
  tell(notifier, settings_atom_v, changed);
  channel->verdict = [] { return server_down; };
  complete(0, server_down);
  advance(std::chrono::minutes{1}, milliseconds{500});
  CHECK(channel->offsets() == std::vector<double>{0, 1, 3, 5, 6});
  CHECK(status(notifier).given_up == 1);
}

TEST_CASE_METHOD(notifying, "a success after failures is a success") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, server_down);
  advance(std::chrono::seconds{1});
  complete(1, delivered);
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 2);
  CHECK(status(notifier).delivered == 1);
  CHECK(status(notifier).given_up == 0);
  REQUIRE(log_lines.size() == 2);
  CHECK(log_lines[1] == "notifications are delivered again");
}

TEST_CASE_METHOD(notifying, "no more deliveries are under way than allowed") {
  auto chosen = options();
  chosen.max_in_flight = 2;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"e1", "e2", "e3", "e4"}) {
    notify(notifier, id);
  }
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2"});
  complete(1, delivered);
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2", "e3"});
  // While it fails, a receiver has one delivery at a time.
  complete(0, server_down);
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2", "e3"});
  complete(2, server_down);
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2", "e3", "e4"});
  advance(std::chrono::seconds{5});
  CHECK(channel->deliveries.size() == 4);
  complete(3, delivered);
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2", "e3", "e4", "e1", "e3"});
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
  channel->verdict = [] { return delivered; };
  complete(0, delivered);
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
  complete(1, delivered);
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
  complete(0, delivered);
  complete(1, gone);
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
  complete(1, delivered);
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
  complete(0, delivered);
  complete(0, delivered);
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
  CHECK(status(notifier).last_error == server_down.error);
  CHECK(status(notifier).last_failure == now());
  advance(std::chrono::seconds{2});
  complete(2, delivered);
  CHECK(status(notifier).failures_in_a_row == 0);
}

TEST_CASE_METHOD(notifying, "a change of the settings disturbs nothing") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  tell(notifier, settings_atom_v, settings{});
  complete(0, delivered);
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
      done(is_first ? delivery_result{failure{error_class::connection, "reset"}} : delivered);
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
    notification_status seen;
    while (seen.delivered < 50) {
      self->request(notifier, std::chrono::seconds{60}, status_atom_v)
          .receive(
              [&](const notification_status& now) { seen = now; },
              [&](const caf::error& error) { FAIL(actors::describe(error)); }
          );
    }
    CHECK(channel->tries == 100);
    CHECK(seen.given_up == 0);
    self->send(notifier, notify_atom_v, notification{});
    self->send_exit(notifier, caf::exit_reason::kill);
  }
  CHECK(channel->tries <= 101);
}

}  // namespace stayler::test
