// SPDX-License-Identifier: MIT

// A job that has lost its worker twice runs alone in a process of its own, and is to blame where
// that process ends while this one lives.

#include "messages/jobs/suspect.hpp"
#include "tests/actors/queue/queue_fixture.hpp"

#include <algorithm>
#include <map>
#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

namespace {

class fake_quarantines final : public adapters::quarantines {
 public:
  result<std::string> start(const settings& /*config*/) override {
    if (refusal) {
      return refusal;
    }
    known.push_back(std::to_string(++started) + ".quarantine.stayler");
    return known.back();
  }
  void end(const std::string& name) override { std::erase(known, name); }
  std::optional<std::string> how_it_ended(const std::string& name) override {
    const auto found = ends.find(name);
    return found == ends.end() ? std::nullopt : std::optional{found->second};
  }
  std::vector<std::string> names() override { return known; }

  std::vector<std::string> known;
  std::map<std::string, std::string> ends;
  std::size_t started = 0;
  failure refusal;
};

class suspects_fixture : public queue_fixture {
 public:
  suspects_fixture() {
    quarantines = processes;
    config.retry_delay = seconds{1};
    start_queue();
  }

  /// A job that has just lost its second worker, and whose quarantine is being started for.
  job make_suspect(const std::string& conversion) {
    job suspect = submit(conversion, 20);
    for (int loss = 0; loss < 2; ++loss) {
      const auto worker = add_worker("worker-9");
      advance(config.retry_delay + seconds{1}, seconds{1});
      kill(worker);
    }
    REQUIRE(is_suspect(find(suspect)));
    return suspect;
  }

  [[nodiscard]] std::string last_quarantine() const {
    REQUIRE_FALSE(processes->known.empty());
    return processes->known.back();
  }

  /// The worker of the quarantine that was started last.
  worker_actor join_quarantine() { return add_worker(last_quarantine() + "/worker-1"); }

  void end_worker(const worker_actor& worker, const failure& why) {
    caf::anon_send(
        caf::actor_cast<caf::actor>(worker), caf::exit_msg{worker.address(), actors::to_error(why)}
    );
    run();
  }
  void lose_node_of(const worker_actor& worker) {
    end_worker(worker, {error_class::worker_lost, "node is lost"});
  }

  std::shared_ptr<fake_quarantines> processes = std::make_shared<fake_quarantines>();
};

}  // namespace

TEST_CASE_METHOD(suspects_fixture, "a suspect waits for a process of its own, while others go on") {
  const job suspect = make_suspect("c1");
  add_worker();
  advance(seconds{2}, seconds{1});
  CHECK(find(suspect).status == job_status::pending);
  CHECK(processes->started == 1);
  const job other = submit("c2");
  CHECK(seen->assigned.back().id == other.id);
  join_quarantine();
  CHECK(seen->assigned.back().id == suspect.id);
  CHECK(find(suspect).worker_id == last_quarantine() + "/worker-1");
}

TEST_CASE_METHOD(
    suspects_fixture, "a suspect whose process ends while it is alone is a dead letter"
) {
  const job suspect = make_suspect("c1");
  add_worker();
  advance(seconds{2}, seconds{1});
  const auto worker = join_quarantine();
  processes->ends[last_quarantine()] = "was ended by signal 11, Segmentation fault";
  lose_node_of(worker);
  CHECK(find(suspect).status == job_status::processing);
  advance(seconds{1});
  CHECK(find(suspect).status == job_status::failed);
  CHECK(find(suspect).crashes == 3);
  CHECK(find(suspect).error.kind == error_class::worker_lost);
  CHECK(
      find(suspect).error.message
      == "the process in which it ran alone was ended by signal 11, Segmentation fault"
  );
  CHECK(processes->known.empty());
}

TEST_CASE_METHOD(
    suspects_fixture, "a suspect that is cut off from us while its process lives is not to blame"
) {
  const job suspect = make_suspect("c1");
  add_worker();
  advance(seconds{2}, seconds{1});
  lose_node_of(join_quarantine());
  advance(seconds{1});
  CHECK(find(suspect).status == job_status::scheduled);
  CHECK(find(suspect).crashes == 3);
  CHECK(processes->known.empty());
  // It is still a suspect, and the next process is for it.
  advance(seconds{5}, seconds{1});
  CHECK(processes->started == 2);
  join_quarantine();
  CHECK(seen->assigned.back().id == suspect.id);
}

TEST_CASE_METHOD(suspects_fixture, "a suspect whose worker fails alone is a dead letter") {
  const job suspect = make_suspect("c1");
  add_worker();
  advance(seconds{2}, seconds{1});
  end_worker(join_quarantine(), {error_class::internal_bug, "an exception"});
  CHECK(find(suspect).status == job_status::failed);
  CHECK(find(suspect).error.kind == error_class::worker_lost);
}

TEST_CASE_METHOD(suspects_fixture, "a process is for one suspect, and ends when that is done") {
  const job first = make_suspect("c1");
  const job second = make_suspect("c2");
  add_worker();
  advance(seconds{2}, seconds{1});
  const std::string quarantine = last_quarantine();
  join_quarantine();
  const job alone = seen->assigned.back();
  REQUIRE(is_suspect(alone));
  CHECK(find(alone.id == first.id ? second : first).status == job_status::pending);
  REQUIRE(finish(alone, completed()));
  CHECK(find(alone).status == job_status::completed);
  CHECK(std::ranges::count(processes->known, quarantine) == 0);
  advance(seconds{6}, seconds{1});
  CHECK(processes->started == 2);
}

TEST_CASE_METHOD(suspects_fixture, "a process that no suspect is left for ends") {
  const job suspect = make_suspect("c1");
  add_worker();
  advance(seconds{2}, seconds{1});
  REQUIRE(call<job>(queue, cancel_atom_v, suspect.id));
  join_quarantine();
  CHECK(processes->known.size() == 1);
  advance(seconds{20}, seconds{1});
  CHECK(processes->known.empty());
}

TEST_CASE_METHOD(
    suspects_fixture, "suspects go to any worker where no process for them can be started"
) {
  processes->refusal = {error_class::unavailable, "no memory"};
  const job suspect = make_suspect("c1");
  add_worker();
  advance(seconds{20}, seconds{1});
  CHECK(seen->assigned.back().id == suspect.id);
  CHECK(find(suspect).status == job_status::processing);
}

TEST_CASE_METHOD(suspects_fixture, "a process that never joins is given up, and another is tried") {
  make_suspect("c1");
  add_worker();
  advance(seconds{2}, seconds{1});
  const std::string first = last_quarantine();
  processes->ends[first] = "ended with exit code 2";
  advance(seconds{6}, seconds{1});
  CHECK(std::ranges::count(processes->known, first) == 0);
  CHECK(processes->started == 2);
}

TEST_CASE_METHOD(suspects_fixture, "a queue that starts anew ends what the last one has started") {
  make_suspect("c1");
  add_worker();
  advance(seconds{2}, seconds{1});
  REQUIRE(processes->known.size() == 1);
  start_queue();
  CHECK(processes->known.empty());
}
