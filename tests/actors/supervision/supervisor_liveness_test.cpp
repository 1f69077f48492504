// SPDX-License-Identifier: MIT

// Children that are stuck: they are abandoned and replaced, and only so many at a time.

#include "tests/actors/supervision/supervisor_fixture.hpp"

#include <algorithm>
#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

TEST_CASE_METHOD(supervisor_fixture, "a child that does not answer is abandoned and replaced") {
  seen->stuck = {"worker-2"};
  start();
  seen->stuck.clear();
  const caf::actor stuck = seen->running["worker-2"];
  advance(seconds{11}, seconds{1});
  CHECK(happened().empty());
  advance(seconds{2}, seconds{1});
  CHECK(seen->running["worker-2"] != stuck);
  const auto tree = call<tree_status>(supervisor, tree_atom_v);
  CHECK(tree->abandoned == 1);
  CHECK(tree->workers.at(1).restarts == 1);
  CHECK(tree->workers.at(1).last_failure.find("not answered") != std::string::npos);
  CHECK(tree->workers.at(0).restarts == 0);
  happened();
  advance(seconds{60}, seconds{1});
  CHECK(happened().empty());
}

TEST_CASE_METHOD(supervisor_fixture, "a child that is stuck no longer gives its thread back") {
  options.max_abandoned = 1;
  seen->stuck = {"worker-1"};
  start();
  seen->stuck.clear();
  advance(seconds{14}, seconds{1});
  const auto abandoned = [this] { return call<tree_status>(supervisor, tree_atom_v)->abandoned; };
  CHECK(abandoned() == 1);
  happened();
  let_stuck_go();
  CHECK(abandoned() == 0);
  CHECK(happened() == lines{"start worker-1", "end worker-1"});  // the one before, at last
  // So another may be stuck, and the service lives.
  make_stuck(seen->running["worker-2"]);
  advance(seconds{14}, seconds{1});
  CHECK(abandoned() == 1);
  CHECK(happened() == lines{"start worker-2"});
}

TEST_CASE_METHOD(supervisor_fixture, "a stuck core actor takes along those that depend on it") {
  seen->stuck = {"records"};
  start();
  seen->stuck.clear();
  advance(seconds{13}, seconds{1});
  const auto all = happened();
  CHECK(std::ranges::count(all, "start records") == 1);
  CHECK(std::ranges::count(all, "start queue") == 1);
  CHECK(std::ranges::count(all, "start gemini") == 0);
}

TEST_CASE_METHOD(
    supervisor_fixture, "no more threads are lost at a time than the service can do without"
) {
  options.max_abandoned = 2;
  seen->stuck = {"worker-1"};
  start();
  advance(seconds{28}, seconds{1});
  CHECK(call<tree_status>(supervisor, tree_atom_v)->abandoned == 2);
  advance(seconds{14}, seconds{1});
  CHECK(happened().back() == "end metrics");
}

TEST_CASE_METHOD(
    supervisor_fixture, "nobody is blamed for a time in which the supervisor itself was asleep"
) {
  start();
  advance(seconds{2});
  // One step of a minute: pings that were sent long ago, and answers not looked at yet.
  seen->lines.clear();
  advance(seconds{60});
  advance(seconds{2});
  CHECK(happened().empty());
  CHECK(call<tree_status>(supervisor, tree_atom_v)->abandoned == 0);
}

namespace {

/// Writes down what it is told.
class diary_of_manager final : public adapters::service_manager {
 public:
  void status(std::string_view) override {}
  void ready(std::string_view) override {}
  void reloading() override {}
  void stopping(std::string_view) override {}
  void is_alive() override { lines.emplace_back("alive"); }
  void still_stopping(std::chrono::microseconds longer) override {
    extension = longer;
    lines.emplace_back("stopping");
  }
  [[nodiscard]] std::optional<std::chrono::microseconds> patience() const override {
    return seconds{8};
  }

  std::vector<std::string> lines;
  std::chrono::microseconds extension{0};
};

}  // namespace

TEST_CASE_METHOD(
    supervisor_fixture, "the service manager hears of the supervisor, whatever its children do"
) {
  const auto manager = std::make_shared<diary_of_manager>();
  options.manager = manager;
  seen->stuck = {"worker-1", "records"};
  start();
  CHECK(manager->lines.empty());
  advance(seconds{6}, seconds{1});
  CHECK(manager->lines == lines{"alive", "alive", "alive"});
}

TEST_CASE_METHOD(
    supervisor_fixture, "as long as jobs finish, the service manager is asked for more time"
) {
  const auto manager = std::make_shared<diary_of_manager>();
  options.manager = manager;
  seen->holds_drain = true;
  start();
  const auto ended = ask<unit_value>(supervisor, shutdown_atom_v, milliseconds{30'000});
  advance(seconds{6}, seconds{1});
  CHECK(manager->lines == lines{"stopping", "stopping", "stopping"});
  CHECK(manager->extension > options.ping_interval);
}
