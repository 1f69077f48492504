// SPDX-License-Identifier: MIT

#include "http/server/memory/byte_budget.hpp"

#include "tests/support/catch.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace stayler::http;

TEST_CASE("room is given until the budget is used up, and again when some is back", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto first = budget->try_take(60);
  CHECK(first);
  CHECK_FALSE(budget->try_take(41));
  const auto second = budget->try_take(40);
  CHECK(second);
  CHECK(budget->now().held == 100);
  CHECK(budget->now().limit == 100);
  CHECK(budget->now().refused == 1);
  first.reset();
  CHECK(budget->now().held == 40);
  CHECK(budget->try_take(60));
}

TEST_CASE("room that is not needed goes back", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  const auto room = budget->try_take(100);
  room->shrink_to(30);
  CHECK(budget->now().held == 30);
  room->shrink_to(50);
  CHECK(budget->now().held == 30);
}

TEST_CASE("who waits for room gets it in the order of coming", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto taken = budget->try_take(100);
  std::vector<int> served;
  std::vector<byte_room_ptr> rooms;
  const auto wait = [&](std::size_t bytes, int number) {
    return budget->wait_for(bytes, [&, number](byte_room_ptr room) {
      served.push_back(number);
      rooms.push_back(std::move(room));
    });
  };
  const auto first = wait(70, 1);
  const auto second = wait(20, 2);
  const auto third = wait(20, 3);
  CHECK(served.empty());
  taken.reset();
  CHECK(served == std::vector<int>{1, 2});
  CHECK_FALSE(budget->try_take(1));  // others were here before
  rooms.reserve(3);
  rooms.front().reset();
  CHECK(served == std::vector<int>{1, 2, 3});
  CHECK(budget->try_take(1));
  CHECK(budget->now().held == 40);
}

TEST_CASE("where there is room nobody waits", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  byte_room_ptr room;
  const auto place = budget->wait_for(100, [&](byte_room_ptr granted) { room = granted; });
  CHECK(room);
}

TEST_CASE("who has left the line holds up nobody", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto taken = budget->try_take(50);
  bool is_first_served = false;
  byte_room_ptr room;
  auto first = budget->wait_for(100, [&](const byte_room_ptr&) { is_first_served = true; });
  const auto second = budget->wait_for(60, [&](byte_room_ptr granted) { room = granted; });
  first.reset();
  CHECK_FALSE(room);
  taken.reset();
  CHECK(room);
  CHECK_FALSE(is_first_served);
}

TEST_CASE("what is in memory already is counted beyond the limit", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto over = budget->insist(150);
  CHECK(budget->now().held == 150);
  CHECK_FALSE(budget->try_take(1));
  over.reset();
  CHECK(budget->try_take(100));
}

TEST_CASE("room may be taken and given back by many threads", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  std::atomic<int> granted = 0;
  std::atomic<int> over = 0;
  const auto work = [&] {
    for (int i = 0; i < 1'000; ++i) {
      const auto place = budget->wait_for(30, [&](const byte_room_ptr&) { ++granted; });
      const auto room = budget->try_take(40);
      over += budget->now().held > 100 ? 1 : 0;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back(work);
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(over == 0);
  CHECK(granted > 0);
  CHECK(budget->now().held == 0);
}
