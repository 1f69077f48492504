// SPDX-License-Identifier: MIT

// Who is restarted with whom, after which pause, and when restarting is given up.

#include "tests/actors/supervision/supervisor_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

TEST_CASE_METHOD(supervisor_fixture, "a crashed worker is restarted alone, and counted") {
  start();
  crash("worker-2");
  CHECK(happened() == lines{"end worker-2", "start worker-2"});
  CHECK(call<std::vector<worker_status>>(supervisor, workers_atom_v)->at(0).restarts == 0);
  crash("worker-1");
  CHECK(call<std::vector<worker_status>>(supervisor, workers_atom_v)->at(0).restarts == 1);
}

TEST_CASE_METHOD(supervisor_fixture, "a worker that throws is restarted") {
  start();
  REQUIRE(call<unit_value>(supervisor, fault_atom_v, std::string{"worker-1"}, milliseconds{0}));
  CHECK(happened() == lines{"end worker-1", "start worker-1"});
}

TEST_CASE_METHOD(
    supervisor_fixture, "a failed core actor takes along exactly those that depend on it, in order"
) {
  start();
  crash("records");
  auto all = happened();
  CHECK(std::ranges::find(all, "end gemini") == all.end());
  CHECK(std::ranges::find(all, "end metrics") == all.end());
  CHECK(std::ranges::find(all, "end retries") == all.end());
  for (const std::string child : {"library", "queue", "worker-1", "worker-2"}) {
    INFO(child);
    CHECK(std::ranges::count(all, "end " + child) == 1);
    CHECK(std::ranges::count(all, "start " + child) == 1);
  }
  // Nobody starts before all are down, and everybody after those it depends on.
  CHECK(place(all, "end library") < place(all, "start records"));
  CHECK(place(all, "end queue") < place(all, "start records"));
  CHECK(place(all, "start records") < place(all, "start library"));
  CHECK(place(all, "start library") < place(all, "start queue"));
  CHECK(place(all, "start queue") < place(all, "start worker-1"));
}

TEST_CASE_METHOD(
    supervisor_fixture, "a restarted queue dispatches again, unless the service was stopped"
) {
  start();
  crash("queue");
  auto all = happened();
  CHECK(std::ranges::count(all, "dispatch") == 1);
  REQUIRE(call<unit_value>(supervisor, drain_atom_v, milliseconds{1}));
  crash("queue");
  all = happened();
  CHECK(std::ranges::count(all, "dispatch") == 0);
}

TEST_CASE_METHOD(
    supervisor_fixture, "too many restarts within the window end the service with an error"
) {
  options.max_restarts = 3;
  start();
  for (int i = 0; i < 3; ++i) {
    crash("worker-1");
    advance(milliseconds{400}, milliseconds{100});
  }
  CHECK(std::ranges::count(happened(), "start worker-1") == 3);
  crash("worker-1");
  const auto all = happened();
  CHECK(std::ranges::count(all, "start worker-1") == 0);
  CHECK(place(all, "end queue") < place(all, "end metrics"));
  CHECK(all.back() == "end metrics");
}

TEST_CASE_METHOD(supervisor_fixture, "as many restarts, spread out, do not") {
  options.max_restarts = 3;
  start();
  for (int i = 0; i < 10; ++i) {
    crash("worker-1");
    advance(seconds{30}, seconds{1});
  }
  CHECK(std::ranges::count(happened(), "start worker-1") == 10);
}

TEST_CASE_METHOD(
    supervisor_fixture, "a child that fails again and again is started after growing pauses"
) {
  start();
  crash("gemini");
  CHECK(happened() == lines{"end gemini", "start gemini"});
  for (const int pause : {100, 200, 400}) {
    crash("gemini");
    CHECK(happened() == lines{"end gemini"});
    advance(milliseconds{pause - 1});
    CHECK(happened().empty());
    advance(milliseconds{1});
    CHECK(happened() == lines{"start gemini"});
  }
  // After a calm time the next failure is a first one again.
  advance(seconds{61}, seconds{1});
  crash("gemini");
  CHECK(happened() == lines{"end gemini", "start gemini"});
}

TEST_CASE_METHOD(supervisor_fixture, "who depends on a child that backs off waits for it") {
  start();
  crash("records");
  happened();
  crash("records");
  auto all = happened();
  CHECK(std::ranges::count_if(all, [](const auto& l) { return l.starts_with("start"); }) == 0);
  // A worker that fails meanwhile waits too.
  CHECK(std::ranges::count(all, "end worker-1") == 1);
  advance(milliseconds{100});
  all = happened();
  CHECK(all.front() == "start records");
  CHECK(std::ranges::count(all, "start worker-1") == 1);
}

TEST_CASE_METHOD(supervisor_fixture, "its rule decides whether a child that has ended is started") {
  options.tree.core[0].restart = restart_rule::temporary;  // metrics
  options.tree.core[3].restart = restart_rule::transient;  // gemini
  start();
  tell(seen->running["gemini"], retire_atom_v);
  CHECK(happened() == lines{"retire gemini", "end gemini"});
  crash("metrics");
  CHECK(happened() == lines{"end metrics"});
  const auto tree = call<tree_status>(supervisor, tree_atom_v);
  CHECK(tree->core.at(0).state == child_state::stopped);
  CHECK(tree->core.at(3).state == child_state::stopped);
  crash("notifier");  // permanent
  CHECK(happened() == lines{"end notifier", "start notifier"});
}
