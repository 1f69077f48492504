// SPDX-License-Identifier: MIT

// Which notification is delivered next, and which are known.

#include "actors/notifications/delivery_queue.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using actors::delivery_queue;

namespace {

adapters::outbox_entry entry_of(const std::string& event_id) {
  adapters::outbox_entry entry;
  entry.event.event_id = event_id;
  return entry;
}

}  // namespace

TEST_CASE("deliveries begin in the order in which they became ready, so many at a time") {
  delivery_queue queue;
  const auto first = queue.add(entry_of("e1"));
  const auto second = queue.add(entry_of("e2"));
  const auto third = queue.add(entry_of("e3"));
  CHECK(queue.begin_delivery(2) == std::nullopt);
  for (const auto ready : {second, first, third}) {
    queue.make_ready(ready);
  }
  CHECK(queue.begin_delivery(2) == second);
  CHECK(queue.at(second).entry.tries == 1);
  CHECK(queue.begin_delivery(2) == first);
  CHECK(queue.begin_delivery(2) == std::nullopt);
  CHECK(queue.end_delivery(second));
  CHECK(queue.begin_delivery(2) == third);
}

TEST_CASE("a delivery ends once") {
  delivery_queue queue;
  const auto one = queue.add(entry_of("e1"));
  CHECK_FALSE(queue.end_delivery(one));
  queue.make_ready(one);
  CHECK_FALSE(queue.is_idle());
  REQUIRE(queue.begin_delivery(1) == one);
  CHECK_FALSE(queue.is_idle());
  CHECK(queue.end_delivery(one));
  CHECK_FALSE(queue.end_delivery(one));
  CHECK(queue.is_idle());
  CHECK_FALSE(queue.end_delivery(one + 1));
}

TEST_CASE("the oldest notification at rest is found, also where an older one is under way") {
  delivery_queue queue;
  const auto first = queue.add(entry_of("e1"));
  CHECK(queue.oldest_at_rest() == first);
  const auto second = queue.add(entry_of("e2"));
  queue.make_ready(first);
  queue.begin_delivery(1);
  CHECK(queue.oldest_at_rest() == second);
  queue.make_ready(second);
  queue.begin_delivery(2);
  CHECK(queue.oldest_at_rest() == std::nullopt);
}

TEST_CASE("a notification that is removed is neither known nor delivered") {
  delivery_queue queue;
  const auto one = queue.add(entry_of("e1"));
  queue.make_ready(one);
  CHECK(queue.find("e1") == one);
  queue.remove(one);
  CHECK(queue.find("e1") == std::nullopt);
  CHECK_FALSE(queue.contains(one));
  CHECK(queue.size() == 0);
  CHECK(queue.begin_delivery(1) == std::nullopt);
}
