// SPDX-License-Identifier: MIT

// The supervision tree: who is restarted with whom, when restarting is given up, and in which order
// everything ends.

#include "actors/supervision/supervisor.hpp"

#include "actors/supervision/service_tree.hpp"
#include "actors/supervision/supervised.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

namespace {

struct diary {
  std::vector<std::string> lines;
  std::map<std::string, caf::actor> running;  ///< by name
  bool holds_drain = false;                   ///< the fake queue keeps its drain open
  std::set<std::string> stuck;                ///< children that never do anything
  std::vector<settings> settings_seen;

  void note(std::string line) { lines.push_back(std::move(line)); }
};

using diary_ptr = std::shared_ptr<diary>;

caf::behavior fake_child(caf::event_based_actor* self, const std::string& child, diary_ptr d) {
  d->note("start " + child);
  actors::install_supervision(self);
  self->attach_functor([d, child] { d->note("end " + child); });
  return {
      [d, child](flush_atom) {
        d->note("flush " + child);
        return unit_value{};
      },
      [d, child](start_atom) {
        d->note("dispatch");
        return unit_value{};
      },
      [self, d, child](drain_atom, milliseconds) -> caf::result<unit_value> {
        d->note("drain");
        if (d->holds_drain) {
          return self->make_response_promise<unit_value>();
        }
        return unit_value{};
      },
      [](status_atom) {
        worker_status shown;
        shown.worker_id = "worker-1";
        return queue_status{service_state::running, {}, {}, {}, {shown}};
      },
      [d, child](settings_atom, const settings& changed) { d->settings_seen.push_back(changed); },
      [self, d, child](retire_atom) {
        d->note("retire " + child);
        self->quit();
      },
      [d, child](const restart_event& event) { d->note("counted " + event.actor); },
      [](const tree_report&) {},
  };
}

class supervisor_fixture : public fixture {
 public:
  supervisor_fixture() {
    options.clock = clock();
    options.config.max_workers = 2;
    options.config.enable_chaos = true;
    options.tree.core = {
        core("metrics", {}, &actors::directory::metrics),
        core("records", {}, &actors::directory::records, true),
        core("library", {"records"}, &actors::directory::library),
        core("gemini", {"metrics"}, &actors::directory::gemini),
        core("queue", {"records", "retries"}, &actors::directory::queue),
    };
    options.tree.core.insert(
        options.tree.core.end() - 1, core("retries", {}, &actors::directory::retries)
    );
    options.tree.core.push_back(core("notifier", {}, &actors::directory::notifier, true));
    options.tree.workers_depend_on = {"library", "queue"};
    options.tree.start_worker = [this](
                                    caf::actor_system&, const actors::directory&, const settings&,
                                    const std::string& id
                                ) { return start_child(id); };
  }

  template <class Handle>
  actors::child_spec core(
      const std::string& child,
      std::vector<std::string> depends_on,
      Handle actors::directory::*entry,
      bool flush_first = false
  ) {
    actors::child_spec spec;
    spec.name = child;
    spec.depends_on = std::move(depends_on);
    spec.flush_first = flush_first;
    spec.dispatches = child == "queue";
    spec.takes_settings =
        std::set<std::string>{"gemini", "notifier", "queue", "retries"}.contains(child);
    spec.start = [this, child,
                  entry](caf::actor_system&, actors::directory& peers, const settings&) {
      const caf::actor started_child = start_child(child);
      peers.*entry = caf::actor_cast<Handle>(started_child);
      peers.dispatch = peers.queue;
      return started_child;
    };
    return spec;
  }

  caf::actor start_child(const std::string& child) {
    caf::actor handle = system().spawn(fake_child, child, seen);
    if (seen->stuck.count(child) > 0) {
      make_stuck(handle);
    }
    return seen->running[child] = handle;
  }

  void start() {
    supervisor = spawn(actors::supervisor, options);
    started = seen->lines;
    seen->lines.clear();
  }

  /// What happened since the last look, without the restart counts.
  std::vector<std::string> happened() {
    auto lines = std::exchange(seen->lines, {});
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("counted"); });
    return lines;
  }

  static std::size_t place(const std::vector<std::string>& lines, const std::string& line) {
    return static_cast<std::size_t>(std::ranges::find(lines, line) - lines.begin());
  }

  void crash(const std::string& child) { kill(seen->running[child]); }

  ~supervisor_fixture() {
    let_stuck_go();
    for (const auto& [child, handle] : seen->running) {
      caf::anon_send_exit(handle, caf::exit_reason::kill);
    }
    seen->running.clear();
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    run();
  }

  diary_ptr seen = std::make_shared<diary>();
  actors::supervisor_options options;
  actors::supervisor_impl supervisor;
  std::vector<std::string> started;
};

using lines = std::vector<std::string>;

}  // namespace

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

TEST_CASE("the service's tree ends in the order of shutdown, and flushes what has taken over") {
  const auto tree = actors::make_service_tree({}, seconds{5});
  lines order;
  lines flushed;
  for (const auto& child : tree.core) {
    order.insert(order.begin(), child.name);
    if (child.flush_first) {
      flushed.insert(flushed.begin(), child.name);
    }
    for (const auto& needed : child.depends_on) {
      INFO(child.name << " needs " << needed);
      CHECK(std::ranges::find(order, needed) != order.end());
    }
  }
  CHECK(
      order
      == lines{"health", "queue", "retry_scheduler", "gemini_client", "provider_limits", "result_cache",
               "image_library", "image_processor", "notifier", "record_io", "blob_store",
               "metrics"}
  );
  CHECK(flushed == lines{"notifier", "record_io"});
}

TEST_CASE("those who wait for disks may take their time, the others as long as is set") {
  const auto tree = actors::make_service_tree({}, seconds{5});
  for (const auto& child : tree.core) {
    const std::set<std::string> blocking{
        "blob_store", "record_io", "image_library", "result_cache"};
    INFO(child.name);
    CHECK(child.ping_timeout == (blocking.count(child.name) > 0 ? seconds{60} : seconds{5}));
  }
}
