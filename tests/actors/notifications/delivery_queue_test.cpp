// SPDX-License-Identifier: MIT

// Which notification is delivered next, and which are known.

#include "actors/notifications/delivery_queue.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using actors::delivery_bounds;
using actors::delivery_queue;

namespace {

adapters::outbox_entry entry_of(const std::string& event_id) {
  adapters::outbox_entry entry;
  entry.event.event_id = event_id;
  return entry;
}

const delivery_result failed{delivery_problem::failing, {error_class::unavailable, "503"}};

}  // namespace

TEST_CASE("deliveries begin in the order in which they became ready, so many at a time") {
  delivery_queue queue;
  const auto first = queue.add(entry_of("e1"));
  const auto second = queue.add(entry_of("e2"));
  const auto third = queue.add(entry_of("e3"));
  const delivery_bounds two = GENERATE(delivery_bounds{2, 9}, delivery_bounds{9, 2});
  CHECK(queue.begin_delivery(two) == std::nullopt);
  for (const auto ready : {second, first, third, second}) {
    queue.make_ready(ready);
  }
  CHECK(queue.begin_delivery(two) == second);
  CHECK(queue.at(second).entry.tries == 1);
  CHECK(queue.begin_delivery(two) == first);
  CHECK(queue.begin_delivery(two) == std::nullopt);
  CHECK(queue.end_delivery(second, {}, {}));
  CHECK(queue.begin_delivery(two) == third);
  CHECK(queue.begin_delivery(two) == std::nullopt);
}

TEST_CASE("a delivery ends once") {
  delivery_queue queue;
  const auto one = queue.add(entry_of("e1"));
  CHECK_FALSE(queue.end_delivery(one, {}, {}));
  queue.make_ready(one);
  CHECK_FALSE(queue.is_idle());
  REQUIRE(queue.begin_delivery({}) == one);
  CHECK_FALSE(queue.is_idle());
  CHECK(queue.end_delivery(one, {}, {}));
  CHECK_FALSE(queue.end_delivery(one, {}, {}));
  CHECK(queue.is_idle());
  CHECK_FALSE(queue.end_delivery(one + 1, {}, {}));
}

TEST_CASE("the oldest notification at rest is found, also where an older one is under way") {
  delivery_queue queue;
  const auto first = queue.add(entry_of("e1"));
  CHECK(queue.oldest_at_rest() == first);
  const auto second = queue.add(entry_of("e2"));
  queue.make_ready(first);
  queue.begin_delivery({});
  CHECK(queue.oldest_at_rest() == second);
  queue.make_ready(second);
  queue.begin_delivery({});
  CHECK(queue.oldest_at_rest() == std::nullopt);
}

TEST_CASE("a notification that is removed is neither known nor delivered") {
  delivery_queue queue;
  const auto one = queue.add(entry_of("e1"), GENERATE("", "https://a"));
  queue.make_ready(one);
  CHECK(queue.find("e1") == one);
  queue.remove(one);
  CHECK(queue.find("e1") == std::nullopt);
  CHECK_FALSE(queue.contains(one));
  CHECK(queue.size() == 0);
  CHECK(queue.begin_delivery({}) == std::nullopt);
  CHECK(queue.is_idle());
}

TEST_CASE("a receiver has its own places, and one while it fails") {
  delivery_queue queue;
  std::vector<delivery_queue::ticket> of_a;
  for (const auto* id : {"a1", "a2", "a3", "a4"}) {
    of_a.push_back(queue.add(entry_of(id), "a"));
    queue.make_ready(of_a.back());
  }
  const delivery_bounds bounds{9, 2};
  CHECK(queue.begin_delivery(bounds) == of_a[0]);
  CHECK(queue.begin_delivery(bounds) == of_a[1]);
  CHECK(queue.begin_delivery(bounds) == std::nullopt);
  const auto of_b = queue.add(entry_of("b1"), "b");
  queue.make_ready(of_b);
  CHECK(queue.begin_delivery(bounds) == of_b);
  const timestamp at{milliseconds{5}};
  CHECK(queue.end_delivery(of_a[0], failed, at));
  CHECK(queue.begin_delivery(bounds) == std::nullopt);
  CHECK(queue.receiver_of(of_a[3]).failures_in_a_row == 1);
  CHECK(queue.most_troubled().last_failure == at);
  CHECK(queue.end_delivery(of_a[1], failed, at));
  CHECK(queue.begin_delivery(bounds) == of_a[2]);
  CHECK(queue.begin_delivery(bounds) == std::nullopt);
  CHECK(queue.end_delivery(of_a[2], {}, at));
  CHECK(queue.begin_delivery(bounds) == of_a[3]);
  CHECK(queue.most_troubled().failures_in_a_row == 0);
}

TEST_CASE("what is ready for a receiver that fails keeps nobody from being idle") {
  delivery_queue queue;
  const auto first = queue.add(entry_of("e1"));
  const auto second = queue.add(entry_of("e2"));
  queue.make_ready(first);
  queue.begin_delivery({});
  queue.make_ready(second);
  queue.end_delivery(first, failed, {});
  CHECK(queue.is_idle());
  CHECK(queue.begin_delivery({9, 9, 0}) == std::nullopt);
  CHECK(queue.begin_delivery({9, 9, 1}) == second);
  CHECK_FALSE(queue.is_idle());
}
