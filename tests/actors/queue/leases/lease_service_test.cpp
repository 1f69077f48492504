// SPDX-License-Identifier: MIT

// A lease ends in exactly one way: its worker reports, is lost, is replaced, or lets it run out.

#include "tests/actors/queue/queue_fixture.hpp"

#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

TEST_CASE_METHOD(
    queue_fixture, "a worker is stopped at once when another process has cancelled its job"
) {
  const auto shared = std::make_shared<watched_store>();
  store = shared;
  start_queue();
  add_worker();
  const job running = submit("c1");
  const job waiting = submit("c2");
  const adapters::store_change cancel = adapters::store_op::cancel{running.id};
  shared->execute({&cancel, 1}, now());
  shared->tell({waiting.id});
  run();
  CHECK(seen->cancelled.empty());
  shared->tell({running.id});
  run();
  REQUIRE(seen->assigned.size() == 1);
  CHECK(seen->cancelled == std::vector{current_attempt(seen->assigned[0])});

  const auto refused = finish(seen->assigned[0], {.kind = attempt_outcome_kind::released});
  CHECK(refused.error().kind == error_class::conflict);
  CHECK(seen->assigned.size() == 2);
}

TEST_CASE_METHOD(queue_fixture, "a worker that dies loses its lease, and the job runs again") {
  const auto worker = add_worker();
  const job j = submit("c1");
  kill(worker);
  CHECK(find(j).status == job_status::scheduled);
  CHECK(find(j).crashes == 1);
  CHECK(find(j).failures == 0);
  CHECK(find(j).error.kind == error_class::worker_lost);
  add_worker("worker-2");
  advance(config.retry_delay + seconds{1}, seconds{1});
  REQUIRE(seen->assigned.size() == 2);
  CHECK(seen->assigned[1].token > seen->assigned[0].token);
}

TEST_CASE_METHOD(queue_fixture, "a job that kills three workers is a dead letter") {
  const job j = submit("poison");
  for (int i = 0; i < 3; ++i) {
    const auto worker = add_worker();
    advance(config.retry_delay + seconds{1}, seconds{1});
    kill(worker);
  }
  CHECK(find(j).status == job_status::failed);
  CHECK(find(j).error.kind == error_class::worker_lost);
  CHECK(find(j).crashes == 3);
}

TEST_CASE_METHOD(queue_fixture, "a worker that was told to end costs its job nothing") {
  const auto worker = add_worker();
  const job j = submit("c1");
  caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
  run();
  CHECK(find(j).status == job_status::pending);
  CHECK(find(j).interruptions == 1);
  CHECK(find(j).crashes == 0);
}

TEST_CASE_METHOD(queue_fixture, "a worker whose lease moved on cannot complete the job") {
  add_worker();
  const job j = submit("c1");
  const job stale = seen->assigned.at(0);
  REQUIRE(call<job>(queue, cancel_atom_v, j.id));
  CHECK(finish(stale, completed()).error().kind == error_class::conflict);
  CHECK(find(j).status == job_status::cancelled);
  CHECK(seen->count(job_event_kind::completed) == 0);
}

TEST_CASE_METHOD(
    queue_fixture, "cancelling a running job tells its worker, who is free when it has stopped"
) {
  add_worker();
  const job j = submit("c1");
  const job other = submit("c2");
  REQUIRE(call<job>(queue, cancel_atom_v, j.id)->status == job_status::cancelled);
  REQUIRE(seen->cancelled.size() == 1);
  CHECK(seen->assigned.size() == 1);
  CHECK_FALSE(finish(seen->assigned[0], {.kind = attempt_outcome_kind::released}));
  REQUIRE(seen->assigned.size() == 2);
  CHECK(seen->assigned[1].id == other.id);
  CHECK(seen->notifications.at(0).event == "conversion.cancelled");
}

TEST_CASE_METHOD(queue_fixture, "a job whose result is being recorded can no longer be cancelled") {
  add_worker();
  const job j = submit("c1");
  REQUIRE(call<unit_value>(
      queue, report_atom_v, current_attempt(seen->assigned.at(0)),
      job_progress{job_stage::recording, 90}
  ));
  CHECK(call<job>(queue, cancel_atom_v, j.id).error().kind == error_class::conflict);
  REQUIRE(finish(seen->assigned[0], completed()));
  CHECK(find(j).status == job_status::completed);
}

TEST_CASE_METHOD(queue_fixture, "a lease that nobody renews runs out, and the job runs again") {
  add_worker();
  const job j = submit("c1");
  advance(seconds{20}, seconds{1});
  REQUIRE(call<unit_value>(queue, renew_atom_v, current_attempt(seen->assigned.at(0))));
  advance(seconds{25}, seconds{1});
  CHECK(find(j).status == job_status::processing);
  advance(seconds{15}, seconds{1});
  CHECK(find(j).status == job_status::scheduled);
  CHECK(find(j).crashes == 1);
  CHECK(seen->cancelled.size() == 1);
}

TEST_CASE_METHOD(queue_fixture, "a clock that is set makes no lease run out") {
  class settable_clock final : public adapters::wall_clock {
   public:
    explicit settable_clock(std::shared_ptr<adapters::wall_clock> of) : of_(std::move(of)) {}
    [[nodiscard]] timestamp now() const override { return of_->now() + set_by; }
    milliseconds set_by{0};

   private:
    std::shared_ptr<adapters::wall_clock> of_;
  };
  const auto settable = std::make_shared<settable_clock>(clock());
  start_queue(settable);
  add_worker();
  const job held = submit("c1");
  const job waiting = submit("c2");
  const auto renew = [&] {
    return call<unit_value>(queue, renew_atom_v, current_attempt(seen->assigned.at(0)));
  };
  advance(seconds{10}, milliseconds{1'000});
  settable->set_by = std::chrono::hours{1};
  advance(seconds{10}, milliseconds{1'000});
  REQUIRE(renew());
  advance(seconds{25}, milliseconds{1'000});
  CHECK(find(held).crashes == 0);
  CHECK(find(held).status == job_status::processing);
  // A worker that is really dead is missed all the same.
  advance(seconds{30}, milliseconds{1'000});
  CHECK(find(held).crashes == 1);
  CHECK(find(waiting).crashes == 0);
}

TEST_CASE_METHOD(queue_fixture, "a new queue puts back the leases that the last one gave") {
  add_worker();
  const job j = submit("c1");
  kill(queue);
  seen->assigned.clear();
  start_queue();
  CHECK(find(j).status == job_status::pending);
  CHECK(find(j).interruptions == 1);
  add_worker();
  CHECK(seen->assigned.size() == 1);
}

TEST_CASE_METHOD(queue_fixture, "a worker may leave only when it holds no lease") {
  add_worker();
  submit("c1");
  CHECK_FALSE(*call<bool>(queue, leave_atom_v, std::string{"worker-1"}));
  REQUIRE(finish(seen->assigned.at(0), completed()));
  CHECK(*call<bool>(queue, leave_atom_v, std::string{"worker-1"}));
  submit("c2");
  CHECK(seen->assigned.size() == 1);
}

TEST_CASE_METHOD(
    queue_fixture, "a worker that asks to leave during a claim is told again if it brings no job"
) {
  job_request later = request("c1");
  later.run_at = clock()->now() + std::chrono::hours{1};
  REQUIRE(call<submit_receipt>(queue, submit_atom_v, later));
  // Whatever the queue and its store are at, some messages after it has joined.
  int refused = 0;
  for (int messages = 0; messages < 12; ++messages) {
    const std::string id = "worker-" + std::to_string(messages);
    caf::anon_send(queue, join_atom_v, id, spawn_fake_worker());
    for (int i = 0; i < messages; ++i) {
      scheduler().try_run_once();
    }
    const bool may_go = *call<bool>(queue, leave_atom_v, id);
    refused += may_go ? 0 : 1;
    CHECK(seen->retired == refused);
    CHECK((may_go || *call<bool>(queue, leave_atom_v, id)));
  }
  CHECK(refused > 0);
  submit("c2");
  CHECK(seen->assigned.empty());
}

TEST_CASE_METHOD(queue_fixture, "a call that is open when its worker dies is of unknown fate") {
  config.max_ambiguous_calls = 0;
  start_queue();
  auto worker = add_worker();
  const job accepted = submit("c1");
  REQUIRE(call<unit_value>(queue, open_call_atom_v, current_attempt(seen->assigned.at(0))));
  CHECK(find(accepted).calls.at(0).state == call_state::open);
  caf::anon_send_exit(worker, caf::exit_reason::kill);
  run();
  const job after = find(accepted);
  CHECK(after.status == job_status::failed);
  CHECK(after.calls.at(0).state == call_state::ambiguous);
  CHECK(after.error.kind == error_class::ambiguous_call);
  CHECK(after.error.message.find("unknown fate: 1") != std::string::npos);
}

TEST_CASE_METHOD(queue_fixture, "a call that was settled is of known fate when its worker dies") {
  config.max_ambiguous_calls = 0;
  start_queue();
  auto worker = add_worker();
  const job accepted = submit("c1");
  const attempt_id attempt = current_attempt(seen->assigned.at(0));
  REQUIRE(call<unit_value>(queue, open_call_atom_v, attempt));
  REQUIRE(call<unit_value>(queue, settle_call_atom_v, attempt, call_settlement{}));
  caf::anon_send_exit(worker, caf::exit_reason::kill);
  run();
  CHECK(find(accepted).status == job_status::scheduled);
  CHECK(find(accepted).calls.at(0).state == call_state::settled);
}

TEST_CASE_METHOD(
    queue_fixture,
    "a worker that is replaced has lost its job, which runs again with a crash counted"
) {
  const auto stuck = add_worker();
  const job j = submit("c1");
  add_worker();  // under the same name; the first one has not ended
  CHECK(find(j).status == job_status::scheduled);
  CHECK(find(j).crashes == 1);
  CHECK(find(j).attempts.back().error.kind == error_class::worker_lost);
  advance(config.retry_delay, seconds{1});
  REQUIRE(seen->assigned.size() == 2);
  CHECK(find(j).status == job_status::processing);
  // What the first one says in the end counts no more, and neither does its end.
  CHECK(finish(seen->assigned[0], completed()).error().kind == error_class::conflict);
  kill(stuck);
  REQUIRE(finish(seen->assigned[1], completed()));
  CHECK(find(j).status == job_status::completed);
  CHECK(find(j).crashes == 1);
}

TEST_CASE_METHOD(queue_fixture, "leases that a restarted queue takes back count as interrupted") {
  add_worker();
  const job j = submit("c1");
  REQUIRE(find(j).status == job_status::processing);
  start_queue();
  run();
  CHECK(find(j).status == job_status::pending);
  CHECK(seen->count(job_event_kind::interrupted) == 1);
}
