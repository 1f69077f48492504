// SPDX-License-Identifier: MIT

// Several receivers side by side, and what operators can see and do.

#include "tests/actors/notifications/notifier_fixture.hpp"

namespace stayler::test {

namespace {

using words = std::vector<std::string>;

notification_filter only(outbox_state state) {
  notification_filter filter;
  filter.states = {state};
  return filter;
}

}  // namespace

TEST_CASE_METHOD(notifying, "a receiver that holds its deliveries holds up no other's") {
  auto chosen = options();
  chosen.limits.max_per_receiver = 2;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"a1", "a2", "a3", "a4"}) {
    notify_at(notifier, id, "a");
  }
  notify_at(notifier, "b1", "b");
  notify(notifier, "e1");
  CHECK(channel->ids() == words{"a1", "a2", "b1", "e1"});
  complete(2, delivered);
  notify_at(notifier, "b2", "b");
  CHECK(channel->ids().back() == "b2");
  // One that fails has a single place, and gets the others back when it takes something.
  complete(0, server_down);
  complete(1, server_down);
  CHECK(channel->ids().back() == "a3");
  complete(5, delivered);
  CHECK(channel->ids().back() == "a4");
}

TEST_CASE_METHOD(notifying, "receivers take turns, also within the bound for all") {
  auto chosen = options();
  chosen.max_in_flight = 1;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"a1", "a2", "a3"}) {
    notify_at(notifier, id, "a");
  }
  notify_at(notifier, "b1", "b");
  for (std::size_t i = 0; i < 4; ++i) {
    complete(i, delivered);
  }
  CHECK(channel->ids() == words{"a1", "a2", "b1", "a3"});
}

TEST_CASE_METHOD(notifying, "the trouble of one receiver shows, whatever others take") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify_at(notifier, "a1", "https://a");
  complete(0, server_down);
  notify(notifier, "e1");
  complete(1, delivered);
  CHECK(status(notifier).failures_in_a_row == 1);
  CHECK(status(notifier).last_error.message == "https://a: 503");
  REQUIRE(log_lines.size() == 1);
  CHECK(log_lines[0].find("to https://a are not delivered") != std::string::npos);
}

TEST_CASE_METHOD(notifying, "a flush waits for no receiver that fails") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, server_down);
  notify(notifier, "e2");
  notify(notifier, "e3");
  const auto flushed = ask<unit_value>(notifier, flush_atom_v);
  CHECK_FALSE(flushed.has_answer());
  complete(1, server_down);
  CHECK(flushed.answer());
  CHECK(channel->ids() == words{"e1", "e2"});
  CHECK(outbox->open_ids() == words{"e1", "e2", "e3"});
  // Nobody has ended it: it goes on.
  advance(std::chrono::seconds{1});
  CHECK(channel->deliveries.size() == 3);
}

TEST_CASE_METHOD(notifying, "what is open or given up is listed as the outbox has it") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, gone);
  notify(notifier, "e2");
  complete(1, server_down);
  const auto given_up =
      call<notification_page>(notifier, list_atom_v, only(outbox_state::given_up)).value();
  REQUIRE(given_up.notifications.size() == 1);
  CHECK(given_up.notifications[0].event.event_id == "e1");
  CHECK(given_up.notifications[0].problem == delivery_problem::gone);
  CHECK(
      call<notification_page>(notifier, list_atom_v, notification_filter{})
          .value()
          .notifications.size()
      == 2
  );
  outbox->trouble = disk_full;
  CHECK(call<notification_page>(notifier, list_atom_v, notification_filter{}).error() == disk_full);
}

TEST_CASE_METHOD(notifying, "one that was given up, or delivered, is delivered once more") {
  const delivery_result end = GENERATE(gone, delivered);
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, end);
  advance(std::chrono::minutes{1});
  const auto again = call<kept_notification>(notifier, redeliver_atom_v, std::string{"e1"}).value();
  CHECK(again.state == outbox_state::open);
  CHECK(again.tries == 0);
  CHECK(channel->ids() == words{"e1", "e1"});
  complete(1, server_down);
  advance(std::chrono::seconds{1});
  complete(2, delivered);
  CHECK(outbox->open_ids().empty());
}

TEST_CASE_METHOD(notifying, "an age counts from when a notification was opened, also anew") {
  auto chosen = options();
  chosen.limits.give_up_after = std::chrono::hours{1};
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  notify(notifier, "e1");
  complete(0, gone);
  advance(std::chrono::hours{3});
  REQUIRE(call<kept_notification>(notifier, redeliver_atom_v, std::string{"e1"}));
  complete(1, server_down);
  advance(std::chrono::seconds{1});
  CHECK(channel->deliveries.size() == 3);
}

TEST_CASE_METHOD(notifying, "one that waits is tried at once, and its pause does not come twice") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, server_down);
  REQUIRE(call<kept_notification>(notifier, redeliver_atom_v, std::string{"e1"}));
  REQUIRE(call<kept_notification>(notifier, redeliver_atom_v, std::string{"e1"}));
  CHECK(channel->deliveries.size() == 2);
  complete(1, server_down);
  advance(milliseconds{1'500});
  CHECK(channel->deliveries.size() == 2);
  advance(milliseconds{500});
  CHECK(channel->deliveries.size() == 3);
}

TEST_CASE_METHOD(notifying, "what is not there, or another's, is not delivered by hand") {
  outbox->has_others = true;
  const notifier_actor notifier = spawn(actors::notifier, options());
  outbox->leave(event_of("others"), now());
  const auto order = [&](const std::string& id) {
    return call<kept_notification>(notifier, redeliver_atom_v, id).error().kind;
  };
  CHECK(order("unknown") == error_class::not_found);
  CHECK(order("others") == error_class::conflict);
  CHECK(channel->deliveries.empty());
}

TEST_CASE_METHOD(notifying, "all that was given up is delivered by one order, as far as it fits") {
  auto chosen = options();
  chosen.max_redelivered = 2;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"e1", "e2", "e3"}) {
    notify(notifier, id);
    complete(channel->deliveries.size() - 1, gone);
    advance(std::chrono::seconds{1});
  }
  channel->verdict = [] { return delivered; };
  const auto order = [&] {
    return call<redelivery_report>(notifier, redeliver_atom_v, notification_filter{}).value();
  };
  const auto first = order();
  CHECK(first.redelivered == 2);
  CHECK(first.has_more);
  CHECK(channel->ids() == words{"e1", "e2", "e3", "e1", "e2"});
  const auto second = order();
  CHECK(second.redelivered == 1);
  CHECK_FALSE(second.has_more);
  CHECK(order().redelivered == 0);
}

TEST_CASE_METHOD(
    notifying, "given-up notifications are kept for their time, delivered ones a day"
) {
  auto chosen = options();
  chosen.limits.given_up_retention = std::chrono::hours{48};
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  notify(notifier, "e1");
  complete(0, gone);
  notify(notifier, "e2");
  complete(1, delivered);
  const auto kept = [&] {
    return call<notification_page>(notifier, list_atom_v, notification_filter{})
        .value()
        .notifications.size();
  };
  advance(std::chrono::hours{23}, std::chrono::minutes{1});
  CHECK(kept() == 2);
  advance(std::chrono::hours{2}, std::chrono::minutes{1});
  CHECK(kept() == 1);
  advance(std::chrono::hours{24}, std::chrono::minutes{1});
  CHECK(kept() == 0);
}

}  // namespace stayler::test
