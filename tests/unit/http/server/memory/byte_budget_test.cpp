// SPDX-License-Identifier: MIT

#include "http/server/memory/byte_budget.hpp"

#include "tests/support/catch.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace stayler::http;

namespace {

const std::string ann = "ann";
const std::string bob = "bob";
const std::string eve = "eve";

}  // namespace

TEST_CASE("room is given until the budget is used up, and again when some is back", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto first = budget->try_take(ann, 60);
  CHECK(first);
  CHECK_FALSE(budget->try_take(bob, 41));
  const auto second = budget->try_take(bob, 40);
  CHECK(second);
  CHECK(budget->now().held == 100);
  CHECK(budget->now().limit == 100);
  CHECK(budget->now().refused == 1);
  first.reset();
  CHECK(budget->now().held == 40);
  CHECK(budget->try_take(ann, 60));
}

TEST_CASE("room that is not needed goes back", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  const auto room = budget->try_take(ann, 100);
  room->shrink_to(30);
  CHECK(budget->now().held == 30);
  room->shrink_to(50);
  CHECK(budget->now().held == 30);
}

TEST_CASE("who takes all that one caller may hold leaves room for others", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  std::vector<byte_room_ptr> hers;
  while (auto room = budget->try_take(eve, 1)) {
    hers.push_back(std::move(room));
  }
  CHECK(hers.size() == 75);
  const auto his = budget->try_take(bob, 20);
  CHECK(his);
  CHECK_FALSE(budget->try_take(eve, 1));
  hers.resize(30);
  CHECK(budget->try_take(eve, 1));
}

TEST_CASE("the first room of a caller may be all that there is", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  const auto all = budget->try_take(ann, 100);
  CHECK(all);
  CHECK_FALSE(budget->try_take(ann, 1));
}

TEST_CASE("those of one caller who wait for room get it in the order of coming", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto taken = budget->try_take(bob, 100);
  std::vector<int> served;
  std::vector<byte_room_ptr> rooms;
  const auto wait = [&](const std::string& caller, std::size_t bytes, int number) {
    return budget->wait_for(caller, bytes, [&, number](byte_room_ptr room) {
      served.push_back(number);
      rooms.push_back(std::move(room));
    });
  };
  const auto first = wait(ann, 30, 1);
  const auto second = wait(ann, 20, 2);
  const auto third = wait(ann, 40, 3);
  CHECK(served.empty());
  taken.reset();
  CHECK(served == std::vector<int>{1, 2});
  CHECK(budget->try_take(bob, 1));  // she waits for what she holds herself, not for others
  rooms.front().reset();
  CHECK(served == std::vector<int>{1, 2, 3});
  CHECK(budget->now().held == 60);
}

TEST_CASE("callers who wait for room take turns", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto taken = budget->try_take(eve, 100);
  std::string served;
  std::vector<byte_room_ptr> rooms;
  const auto wait = [&](const std::string& caller) {
    return budget->wait_for(caller, 20, [&, caller](byte_room_ptr room) {
      served += caller + " ";
      rooms.push_back(std::move(room));
    });
  };
  std::vector<line_place> places;
  for (const auto& caller : {eve, eve, eve, ann, bob, bob}) {
    places.push_back(wait(caller));
  }
  taken.reset();
  CHECK(served == "ann bob eve bob ");
}

TEST_CASE("whose turn it is waits until there is room, and others behind", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto taken = budget->try_take(eve, 50);
  byte_room_ptr room;
  const auto place = budget->wait_for(ann, 90, [&](byte_room_ptr granted) { room = granted; });
  CHECK_FALSE(room);
  CHECK_FALSE(budget->try_take(bob, 1));
  taken.reset();
  CHECK(room);
}

TEST_CASE("where there is room nobody waits", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  byte_room_ptr room;
  const auto place = budget->wait_for(ann, 100, [&](byte_room_ptr granted) { room = granted; });
  CHECK(room);
}

TEST_CASE("who has left the line holds up nobody", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  const auto taken = budget->try_take(eve, 50);
  bool is_first_served = false;
  byte_room_ptr room;
  auto first = budget->wait_for(ann, 100, [&](const byte_room_ptr&) { is_first_served = true; });
  const auto second = budget->wait_for(bob, 50, [&](byte_room_ptr granted) { room = granted; });
  CHECK_FALSE(room);
  first.reset();
  CHECK(room);
  CHECK_FALSE(is_first_served);
}

TEST_CASE("what is in memory already is counted beyond the limit", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  auto over = budget->insist(ann, 150);
  CHECK(budget->now().held == 150);
  CHECK_FALSE(budget->try_take(bob, 1));
  over.reset();
  CHECK(budget->try_take(bob, 100));
}

TEST_CASE("room may be taken and given back by many threads", "[memory]") {
  const auto budget = std::make_shared<byte_budget>(100);
  std::atomic<int> granted = 0;
  std::atomic<int> over = 0;
  const auto work = [&](const std::string& caller) {
    for (int i = 0; i < 1'000; ++i) {
      const auto place = budget->wait_for(caller, 30, [&](const byte_room_ptr&) { ++granted; });
      const auto room = budget->try_take(caller, 40);
      over += budget->now().held > 100 ? 1 : 0;
    }
  };
  std::vector<std::thread> threads;
  for (const auto& caller : {ann, ann, bob, eve}) {
    threads.emplace_back(work, caller);
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(over == 0);
  CHECK(granted > 0);
  CHECK(budget->now().held == 0);
}
