// SPDX-License-Identifier: MIT
// Jobs are followed live, also through another coordinator than the one that runs them, and beyond
// its end; and they are cancelled there.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/event_follower.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

adapters::json_value json_of(const followed_event& event) {
  const auto parsed = adapters::parse_json(event.data);
  REQUIRE(parsed);
  return *parsed;
}

/// What an event says, without what differs between a snapshot and an event.
std::string state_of(const followed_event& event) {
  const auto json = json_of(event);
  return text_at(json, {"status"}) + " " + text_at(json, {"progress", "stage"}) + " "
         + std::to_string(number_at(json, {"progress", "percent"}));
}

std::vector<std::string> states_until_the_end(event_follower& follower) {
  std::vector<std::string> states;
  while (const auto event = follower.next()) {
    states.push_back(state_of(*event));
  }
  CHECK(follower.has_ended());
  return states;
}

std::string events_of(const std::string& job) {
  return "/worker/jobs/" + job + "/events";
}

/// Two coordinators on one Redis. The first accepts no jobs: the second runs them all.
class two_coordinators {
 public:
  explicit two_coordinators(const std::string& latency) : stack_(shared(), {"--latency", latency}) {
    environment others = worker_environment(folder_.path() / "data", stack_.sim().url());
    for (const auto& [name, value] : shared()) {
      others[name] = value;
    }
    other_ = std::make_unique<service_process>(
        STAYLER_WORKER, std::vector<std::string>{}, others, folder_.path() / "other.log"
    );
    wait_until("the other is ready", [this] {
      return exchange("GET", other_->url() + "/health/ready").status == 200;
    });
    REQUIRE(stack_.call("POST", "/worker/stop", "").status == 200);
  }

  service_stack& idle() { return stack_; }
  service_process& busy() { return *other_; }

  /// Of a job that the second takes.
  std::string submit() {
    const auto answer = exchange(
        "POST", other_->url() + "/worker/jobs", stack_.job_body(),
        {"Content-Type: application/json"}
    );
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    return text_at(answer.json(), {"id"});
  }

  [[nodiscard]] adapters::json_value at_busy(const std::string& path) const {
    return exchange("GET", other_->url() + path).json();
  }

 private:
  environment shared() {
    return {
        {"QUEUE_BACKEND", "redis"},
        {"REDIS_URL", redis_.url()},
        {"WORKER_MAX_WORKERS", "2"},
        {"GEMINI_TIMEOUT", "120"},
        {"WORKER_DATA_DIR", (folder_.path() / "data").string()}};
  }

  redis_process redis_;
  temporary_folder folder_;
  service_stack stack_;
  std::unique_ptr<service_process> other_;
};

}  // namespace

TEST_CASE("a job is followed from its snapshot to its end, and resumed where one was") {
  service_stack stack{{}, {"--latency", "500ms"}};
  const auto id = stack.submit();
  event_follower follower{stack.worker().url(), events_of(id)};
  CHECK(follower.answer().status == 200);
  CHECK(follower.answer().headers.at("content-type") == "text/event-stream");
  const auto snapshot = follower.next();
  REQUIRE(snapshot);
  CHECK(snapshot->name == "snapshot");
  CHECK(text_at(json_of(*snapshot), {"id"}) == id);

  std::vector<followed_event> events;
  while (const auto event = follower.next()) {
    events.push_back(*event);
  }
  REQUIRE(events.size() >= 3);
  CHECK(follower.has_ended());
  const auto last = json_of(events.back());
  CHECK(events.back().name == "status");
  CHECK(text_at(last, {"status"}) == "completed");
  CHECK(stack.get("/images/" + text_at(last, {"imageId"})).status == 200);
  std::int64_t percent = 0;
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    const auto json = json_of(events[i]);
    CHECK(text_at(json, {"status"}) == "processing");
    CHECK(number_at(json, {"progress", "percent"}) >= percent);
    percent = number_at(json, {"progress", "percent"});
  }

  SECTION("with the rest of the events") {
    event_follower again{stack.worker().url(), events_of(id), events[events.size() - 3].id};
    CHECK(
        states_until_the_end(again)
        == std::vector{state_of(events[events.size() - 2]), state_of(events.back())}
    );
  }
  SECTION("with nothing more, once the end was seen") {
    const event_follower again{stack.worker().url(), events_of(id), follower.last_id()};
    CHECK(again.answer().status == 204);
  }
  SECTION("with a snapshot, where it was long ago") {
    event_follower again{stack.worker().url(), events_of(id), "1000-1-0"};
    const auto end = again.next();
    REQUIRE(end);
    CHECK(end->name == "snapshot");
    CHECK(text_at(json_of(*end), {"status"}) == "completed");
    CHECK_FALSE(again.next());
    CHECK(again.has_ended());
  }
}

TEST_CASE("a job that does not exist cannot be followed") {
  service_stack stack;
  CHECK(stack.get(events_of("01936d4e-0000-7000-8000-000000000001")).status == 404);
  CHECK(stack.get(events_of("nonsense")).status == 404);
  CHECK(stack.get("/worker/events?status=nonsense").status == 400);
}

TEST_CASE("all jobs are followed at once, or those that are asked for") {
  service_stack stack;
  event_follower of_ann{stack.worker().url(), "/worker/events?userId=ann&status=completed"};
  event_follower of_all{stack.worker().url(), "/worker/events"};
  conversion for_bob;
  for_bob.user_id = "bob";
  const auto bobs = stack.submit(for_bob);
  CHECK(text_at(stack.final_job(bobs), {"status"}) == "completed");
  const auto anns = stack.submit();
  const auto event = of_ann.next();
  REQUIRE(event);
  CHECK(text_at(json_of(*event), {"jobId"}) == anns);
  CHECK(text_at(json_of(*event), {"status"}) == "completed");
  const auto first = of_all.next();
  REQUIRE(first);
  CHECK(text_at(json_of(*first), {"jobId"}) == bobs);
  CHECK(text_at(json_of(*first), {"status"}) == "pending");
}

TEST_CASE("the end of the service ends its streams, and they don't hold it up") {
  service_stack stack;
  event_follower follower{stack.worker().url(), "/worker/events"};
  const auto begun = std::chrono::steady_clock::now();
  CHECK(stack.worker().stop() == 0);
  CHECK_FALSE(follower.next());
  CHECK(follower.has_ended());
  CHECK(std::chrono::steady_clock::now() - begun < 15s);
}

TEST_CASE("a job is followed through any coordinator, and on through another without a hole") {
  two_coordinators both{"3s"};
  const auto id = both.submit();
  event_follower witness{both.busy().url(), events_of(id)};
  std::vector<std::string> seen;
  std::string last_id;
  {
    event_follower follower{both.idle().worker().url(), events_of(id)};
    while (seen.empty() || !holds(seen.back(), "converting")) {
      const auto event = follower.next();
      REQUIRE(event);
      seen.push_back(state_of(*event));
    }
    last_id = follower.last_id();
    both.idle().worker().signal(SIGKILL);
    CHECK_FALSE(follower.next());
    CHECK(follower.has_ended());
  }
  const auto states = states_until_the_end(witness);
  event_follower resumed{both.busy().url(), events_of(id), last_id};
  const auto rest = states_until_the_end(resumed);
  // A snapshot is of its moment, and may be ahead of its place: what led to it comes after it.
  if (seen.size() == 1 && !rest.empty() && rest.front() == seen.front()) {
    seen.clear();
  }
  seen.insert(seen.end(), rest.begin(), rest.end());
  REQUIRE_FALSE(rest.empty());
  CHECK(holds(seen.back(), "completed"));
  // The two snapshots may be of different moments.
  const auto from = std::find(seen.begin(), seen.end(), states.at(1));
  REQUIRE(from != seen.end());
  CHECK(std::vector(from, seen.end()) == std::vector(states.begin() + 1, states.end()));
}

TEST_CASE("a cancel reaches the worker at once, whichever coordinator it runs at") {
  two_coordinators both{"60s"};
  const auto id = both.submit();
  wait_until("the call is under way", [&] { return both.idle().sim_count({"inFlight"}) == 1; });
  const auto begun = std::chrono::steady_clock::now();
  CHECK(both.idle().call("DELETE", "/worker/jobs/" + id).status == 200);
  wait_until("the worker is free", [&] {
    const auto workers = both.at_busy("/worker/workers");
    return text_at(workers, {"workers", "0", "status"}) == "idle"
           && text_at(workers, {"workers", "1", "status"}) == "idle";
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::cout << "a cancel through the other coordinator took " << took.count() << " s\n";
  // The renewal of the lease would have told it after ten seconds.
  CHECK(took < 5s);
  CHECK(number_at(both.idle().get("/worker/status").json(), {"cancelledJobs"}) == 1);
  CHECK(number_at(both.at_busy("/worker/status"), {"cancelledJobs"}) == 1);
  const auto job = both.at_busy("/worker/jobs/" + id);
  CHECK(text_at(job, {"status"}) == "cancelled");
  CHECK(*at(job, {"possiblyBilled"}).as<bool>());
  CHECK(text_at(job, {"providerCalls", "0", "state"}) == "aborted");
}
