// SPDX-License-Identifier: MIT

// The supervision tree: in which order everything starts and ends, who is told of changes, and what
// is seen of it.

#include "tests/actors/supervision/supervisor_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

TEST_CASE_METHOD(supervisor_fixture, "children start in the order of the tree, workers last") {
  start();
  std::erase(started, "dispatch");
  CHECK(
      started
      == lines{"start metrics", "start records", "start library", "start gemini", "start retries",
               "start queue", "start notifier", "start worker-1", "start worker-2"}
  );
}

TEST_CASE_METHOD(
    supervisor_fixture,
    "shutdown drains, then ends workers, then the tree backwards, flushing first"
) {
  start();
  REQUIRE(call<unit_value>(supervisor, shutdown_atom_v, milliseconds{30'000}));
  auto seen_lines = happened();
  REQUIRE(seen_lines.size() == 12);
  CHECK(seen_lines[0] == "drain");
  std::sort(seen_lines.begin() + 1, seen_lines.begin() + 3);
  CHECK(
      lines(seen_lines.begin() + 1, seen_lines.end())
      == lines{"end worker-1", "end worker-2", "flush notifier", "end notifier", "end queue",
               "end retries", "end gemini", "end library", "flush records", "end records",
               "end metrics"}
  );
}

TEST_CASE_METHOD(supervisor_fixture, "shutdown goes on when the drain is never answered") {
  seen->holds_drain = true;
  start();
  const auto ended = ask<unit_value>(supervisor, shutdown_atom_v, milliseconds{10'000});
  advance(seconds{10}, seconds{1});
  CHECK_FALSE(ended.has_answer());
  advance(seconds{4}, seconds{1});
  CHECK(ended.has_answer());
}

TEST_CASE_METHOD(supervisor_fixture, "watchers get the directory at once and after each change") {
  start();
  int received = 0;
  auto watcher = spawn([&received](caf::event_based_actor*) -> caf::behavior {
    return {[&received](const actors::directory&) { ++received; }};
  });
  tell(supervisor, watch_atom_v, watcher);
  CHECK(received == 1);
  crash("gemini");
  CHECK(received == 2);
}

TEST_CASE_METHOD(
    supervisor_fixture, "maxWorkers changes the number of workers while the service runs"
) {
  start();
  const auto set_workers = [&](const std::string& number) {
    return call<settings_update>(
        supervisor, settings_atom_v, std::vector<settings_change>{{"maxWorkers", number}}
    );
  };
  CHECK(set_workers("4")->problems.empty());
  CHECK(happened() == lines{"start worker-3", "start worker-4"});
  CHECK(set_workers("1")->problems.empty());
  auto all = happened();
  CHECK(std::ranges::count_if(all, [](const auto& l) { return l.starts_with("retire"); }) == 3);
  CHECK(std::ranges::count(all, "retire worker-1") == 0);
  CHECK(set_workers("2")->problems.empty());
  CHECK(happened() == lines{"start worker-2"});
}

TEST_CASE_METHOD(supervisor_fixture, "a bad setting is refused by name and nothing is applied") {
  start();
  const auto update = call<settings_update>(
      supervisor, settings_atom_v,
      std::vector<settings_change>{{"maxWorkers", "3"}, {"jobTimeout", "soon"}}
  );
  REQUIRE(update->problems.size() == 1);
  CHECK(update->problems[0].field == "jobTimeout");
  CHECK(call<settings>(supervisor, settings_atom_v)->max_workers == 2);
  CHECK(happened().empty());
}

TEST_CASE_METHOD(
    supervisor_fixture, "changed settings reach everyone concerned and survive restarts"
) {
  start();
  REQUIRE(call<settings_update>(
      supervisor, settings_atom_v, std::vector<settings_change>{{"retryDelay", "7s"}}
  ));
  CHECK(seen->settings_seen.size() == 6);  // queue, retries, gemini, notifier, two workers
  CHECK(seen->settings_seen.at(0).retry_delay == seconds{7});
  crash("queue");
  CHECK(call<settings>(supervisor, settings_atom_v)->retry_delay == seconds{7});
}

TEST_CASE_METHOD(supervisor_fixture, "faults can be injected only where chaos is enabled") {
  options.config.enable_chaos = false;
  start();
  const auto refused =
      call<unit_value>(supervisor, fault_atom_v, std::string{"worker-1"}, milliseconds{0});
  CHECK(refused.error().kind == error_class::permission);
  CHECK(happened().empty());
}

TEST_CASE_METHOD(supervisor_fixture, "the tree is described with what has happened to it") {
  start();
  crash("gemini");
  const auto tree = call<tree_status>(supervisor, tree_atom_v);
  REQUIRE(tree);
  CHECK(tree->recent_restarts == 1);
  CHECK(tree->core.at(0).name == "metrics");
  const auto& gemini = tree->core.at(3);
  CHECK(gemini.state == child_state::running);
  CHECK(gemini.depends_on == lines{"metrics"});
  CHECK(gemini.restarts == 1);
  CHECK(gemini.started_at == now());
  CHECK(gemini.last_failure_at == now());
  CHECK(tree->workers.size() == 2);
}
