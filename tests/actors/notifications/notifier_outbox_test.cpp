// SPDX-License-Identifier: MIT

// What the outbox makes durable, and what happens while it is away or shared.

#include "tests/actors/notifications/notifier_fixture.hpp"

namespace stayler::test {

TEST_CASE_METHOD(notifying, "a notification is in the outbox before it is delivered or answered") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  channel->verdict = [this] {
    CHECK(outbox->open_ids() == std::vector<std::string>{"e1"});
    return delivered;
  };
  notify(notifier, "e1");
  CHECK(channel->deliveries.size() == 1);
  CHECK(outbox->open_ids().empty());
}

TEST_CASE_METHOD(notifying, "what comes while a batch is being written forms the next") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  for (int i = 0; i < 100; ++i) {
    caf::anon_send(notifier, notify_atom_v, event_of("e" + std::to_string(i)));
  }
  run();
  CHECK(outbox->open_ids().size() == 100);
  CHECK(outbox->batches.size() <= 3);
}

TEST_CASE_METHOD(notifying, "a restarted notifier goes on where the other was killed") {
  const notifier_actor first = spawn(actors::notifier, options());
  for (const auto* id : {"delivered", "gone", "waiting", "under way"}) {
    notify(first, id);
  }
  complete(0, delivered);
  complete(1, gone);
  complete(2, server_down);
  kill(first);
  channel->deliveries.clear();

  const notifier_actor second = spawn(actors::notifier, options());
  CHECK(status(second).open == 2);
  CHECK(told.open == 2);
  CHECK(channel->ids() == std::vector<std::string>{"under way"});
  // The pause of a try before the restart is kept, and so is the number of tries.
  advance(milliseconds{990});
  CHECK(channel->deliveries.size() == 1);
  advance(milliseconds{10});
  CHECK(channel->ids() == std::vector<std::string>{"under way", "waiting"});
  complete(0, delivered);
  complete(1, server_down);
  advance(milliseconds{1'990});
  CHECK(channel->deliveries.size() == 2);
  advance(milliseconds{10});
  CHECK(channel->deliveries.size() == 3);
}

TEST_CASE_METHOD(notifying, "an event id is sent with its first content alone") {
  const notifier_actor first = spawn(actors::notifier, options());
  notify(first, "e1", "first");
  notify(first, "e1", "second");  // while it is open
  complete(0, server_down);
  kill(first);
  const notifier_actor second = spawn(actors::notifier, options());
  notify(second, "e1", "third");  // while it waits
  advance(std::chrono::seconds{1});
  complete(1, delivered);
  notify(second, "e1", "fourth");  // after its end
  kill(second);
  const notifier_actor third = spawn(actors::notifier, options());
  notify(third, "e1", "fifth");
  advance(std::chrono::hours{1}, std::chrono::seconds{1});
  REQUIRE(channel->deliveries.size() == 2);
  CHECK(channel->deliveries[0].user == "first");
  CHECK(channel->deliveries[1].user == "first");
}

TEST_CASE_METHOD(notifying, "who repeats an event id is answered with who said it first") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  caf::anon_send(notifier, notify_atom_v, event_of("e1"));
  const auto repeated = ask<unit_value>(notifier, notify_atom_v, event_of("e1", "second"));
  CHECK(repeated.answer());
  CHECK(channel->ids() == std::vector<std::string>{"e1"});
}

TEST_CASE_METHOD(notifying, "what ended a day ago is forgotten") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  channel->verdict = [] { return delivered; };
  notify(notifier, "e1");
  advance(std::chrono::hours{23}, std::chrono::minutes{1});
  notify(notifier, "e1");
  CHECK(channel->deliveries.size() == 1);
  advance(std::chrono::hours{2}, std::chrono::minutes{1});
  notify(notifier, "e1");
  CHECK(channel->deliveries.size() == 2);
}

TEST_CASE_METHOD(notifying, "without an outbox notifications are delivered, said and counted") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  outbox->trouble = disk_full;
  notify(notifier, "e1");
  notify(notifier, "e2");
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2"});
  CHECK(status(notifier).outbox_error == disk_full);
  CHECK(told == notification_report{2, 0, 0, 2});
  complete(0, delivered);
  CHECK(told == notification_report{1, 1, 0, 2});
  advance(std::chrono::minutes{1});
  REQUIRE(log_lines.size() == 1);
  CHECK(log_lines[0].find("no room") != std::string::npos);
}

TEST_CASE_METHOD(notifying, "an outbox that is back gets what is open, and what has ended") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "saved");
  outbox->trouble = disk_full;
  notify(notifier, "ended");
  notify(notifier, "open");
  complete(0, delivered);
  complete(1, delivered);
  CHECK(outbox->open_ids() == std::vector<std::string>{"saved"});
  outbox->trouble = {};
  advance(std::chrono::seconds{5});
  CHECK(outbox->open_ids() == std::vector<std::string>{"open"});
  CHECK_FALSE(status(notifier).outbox_error);
  CHECK(log_lines.back() == "the outbox is back");
  notify(notifier, "next");
  CHECK(told.unsaved == 2);
}

TEST_CASE_METHOD(notifying, "an outbox that was away at the start is loaded when it is back") {
  {
    const notifier_actor first = spawn(actors::notifier, options());
    notify(first, "left", "first");
    notify(first, "repeated", "first");
    kill(first);
  }
  channel->deliveries.clear();
  outbox->trouble = disk_full;
  const notifier_actor second = spawn(actors::notifier, options());
  notify(second, "repeated", "second");
  complete(0, delivered);
  outbox->trouble = {};
  advance(std::chrono::seconds{5});
  // What was sent meanwhile, for want of knowing better, is not sent with yet another content.
  CHECK(channel->ids() == std::vector<std::string>{"repeated", "left"});
  CHECK(status(second).open == 1);
}

TEST_CASE_METHOD(notifying, "what another process leaves in a shared outbox is taken over once") {
  outbox->has_others = GENERATE(true, false);
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "own");
  outbox->leave(event_of("left"), now());
  advance(std::chrono::seconds{9});
  CHECK(channel->ids() == std::vector<std::string>{"own"});
  advance(std::chrono::minutes{1}, std::chrono::seconds{1});
  if (!outbox->has_others) {
    CHECK(channel->ids() == std::vector<std::string>{"own"});
    return;
  }
  CHECK(channel->ids() == std::vector<std::string>{"own", "left"});
  complete(0, delivered);
  complete(1, server_down);
  advance(milliseconds{1'000});
  complete(2, delivered);
  CHECK(outbox->open_ids().empty());
  CHECK(told.delivered == 2);
}

TEST_CASE_METHOD(notifying, "what ends while a shared outbox is asked is not sent again") {
  outbox->has_others = true;
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  outbox->listed = [this] { channel->deliveries.at(0).done(delivered); };
  advance(std::chrono::seconds{10});
  outbox->listed = nullptr;
  CHECK(outbox->open_ids().empty());
  advance(std::chrono::minutes{1}, std::chrono::seconds{1});
  CHECK(channel->deliveries.size() == 1);
}

}  // namespace stayler::test
