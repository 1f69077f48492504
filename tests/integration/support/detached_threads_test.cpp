// SPDX-License-Identifier: MIT

// Threads for calls that may never return: nobody waits for one unless asked to.
#include "adapters/detached_threads/detached_threads.hpp"

#include "tests/support/catch.hpp"

#include <future>
#include <memory>
#include <thread>
#include <utility>

using namespace stayler;
using namespace stayler::adapters;
using namespace std::chrono_literals;

TEST_CASE("calls run at the same time, away from the caller") {
  const auto threads = make_detached_threads();
  std::promise<std::thread::id> one;
  std::promise<std::thread::id> other;
  std::promise<void> both_started;
  const auto go_on = both_started.get_future().share();
  for (auto* each : {&one, &other}) {
    REQUIRE(threads->start([each, go_on] {
      each->set_value(std::this_thread::get_id());
      go_on.wait();
    }));
  }
  const auto first = one.get_future().get();
  CHECK(first != other.get_future().get());
  CHECK(first != std::this_thread::get_id());
  CHECK_FALSE(threads->wait_for_all(0s));
  both_started.set_value();
  CHECK(threads->wait_for_all(20s));
}

TEST_CASE("nothing is under way before the first call") {
  CHECK(make_detached_threads()->wait_for_all(0s));
}

TEST_CASE("what a call holds is gone when it counts as over") {
  const auto threads = make_detached_threads();
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched{held};
  REQUIRE(threads->start([held = std::move(held)] {}));
  REQUIRE(threads->wait_for_all(20s));
  CHECK(watched.expired());
}

TEST_CASE("a call outlives the threads' owner") {
  auto threads = make_detached_threads();
  std::promise<void> release;
  std::promise<void> over;
  REQUIRE(threads->start([go_on = release.get_future().share(), &over] {
    go_on.wait();
    over.set_value();
  }));
  threads.reset();
  release.set_value();
  over.get_future().get();
}
