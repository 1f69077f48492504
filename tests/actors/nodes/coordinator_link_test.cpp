// SPDX-License-Identifier: MIT

// A node and its coordinators: what it does without one, that no paid work is thrown away on the
// way to the next, and how it leaves.

#include "tests/actors/nodes/nodes_fixture.hpp"

#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE_METHOD(nodes_fixture, "a node's worker that fails is a crash, with the usual pause") {
  const node a = start_node("a", 1);
  const job accepted = submit();
  kill(a.workers[0], caf::exit_reason::unhandled_exception);
  CHECK(find(accepted).crashes == 1);
  CHECK(find(accepted).status == job_status::scheduled);
  CHECK(find(accepted).due_at == now() + config.retry_delay);
  CHECK(workers(main).empty());
  const auto next = start_worker(a.work);
  tell(a.link, join_atom_v, std::string{"worker-1"}, next);
  CHECK(workers(main).size() == 1);
}

TEST_CASE_METHOD(nodes_fixture, "a node that drains gets no job, finishes its own, and leaves") {
  const node a = start_node("a");
  const job running = submit();
  const auto drained = ask<unit_value>(a.link, drain_atom_v, milliseconds{30'000});
  const job waiting = submit();
  CHECK(a.work->assigned.size() == 1);
  CHECK_FALSE(drained.has_answer());
  REQUIRE(finish(a, a.work->assigned[0]));
  CHECK(drained.answer());
  CHECK(find(running).status == job_status::completed);
  CHECK(find(waiting).status == job_status::pending);
  CHECK(workers(main).empty());
  CHECK(seen->nodes == node_report{.joined = 1});
}

TEST_CASE_METHOD(
    nodes_fixture, "a node has begun when it has joined once; draining it is not open"
) {
  publish_none();
  const node a = start_node("a", 1);
  const auto probed = [&a, this] { return call<dispatch_status>(a.link, probe_atom_v).value(); };
  CHECK(probed() == dispatch_status{true, false});
  publish(main);
  advance(seconds{6});
  CHECK(probed() == dispatch_status{true, true});
  publish_none();
  lose(main);
  CHECK(probed() == dispatch_status{true, true});
  tell(a.link, drain_atom_v, milliseconds{30'000});
  CHECK(probed() == dispatch_status{false, true});
}

TEST_CASE_METHOD(nodes_fixture, "what a node does not finish in time is handed back for free") {
  const node a = start_node("a", 1);
  const job running = submit();
  const auto drained = ask<unit_value>(a.link, drain_atom_v, milliseconds{5'000});
  advance(seconds{5});
  REQUIRE(a.work->released == 1);
  const attempt_outcome released{.kind = attempt_outcome_kind::released};
  REQUIRE(call<unit_value>(a.link, finish_atom_v, current_attempt(a.work->assigned.at(0)), released)
  );
  CHECK(drained.answer());
  CHECK(find(running).status == job_status::pending);
  CHECK(find(running).interruptions == 1);
  CHECK(find(running).crashes + find(running).failures == 0);
}

TEST_CASE_METHOD(nodes_fixture, "what waits for a coordinator fails when its node leaves") {
  const node a = start_node("a", 1);
  submit();
  publish_none();
  lose(main);
  const auto asked = ask<unit_value>(a.link, renew_atom_v, current_attempt(a.work->assigned.at(0)));
  const auto drained = ask<unit_value>(a.link, drain_atom_v, milliseconds{5'000});
  advance(seconds{5}, milliseconds{100});
  CHECK(a.work->released == 1);
  CHECK_FALSE(asked.has_answer());
  advance(seconds{1}, milliseconds{100});
  CHECK(drained.answer());
  CHECK(asked.answer().error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(nodes_fixture, "what is asked while there is no coordinator waits for the next") {
  const node a = start_node("a", 1);
  submit();
  const attempt_id attempt = current_attempt(a.work->assigned.at(0));
  const auto other = start_coordinator("other");
  publish_none();
  lose(main);
  const auto asked = ask<unit_value>(a.link, renew_atom_v, attempt);
  CHECK(call<link_status>(a.link, status_atom_v).error().kind == error_class::unavailable);
  CHECK_FALSE(asked.has_answer());
  publish(other);
  advance(seconds{6});
  CHECK(asked.answer());
}

TEST_CASE_METHOD(
    nodes_fixture, "an attempt outlives its coordinator: the next one lets the node go on"
) {
  const node a = start_node("a", 1);
  const job running = submit();
  const auto other = start_coordinator("other");
  publish(other);
  lose(main);
  advance(seconds{6});
  REQUIRE(workers(other).size() == 1);
  CHECK(workers(other)[0].is_busy);
  CHECK(a.work->cancelled.empty());
  CHECK(find(running).lease_expires_at > now() + seconds{20});
  REQUIRE(finish(a, a.work->assigned.at(0)));
  CHECK(find(running).status == job_status::completed);
  CHECK(find(running).crashes == 0);
  CHECK(seen->nodes.adopted == 1);
  CHECK_FALSE(workers(other)[0].is_busy);
}

TEST_CASE_METHOD(
    nodes_fixture, "an attempt whose lease has moved on is stopped, and its worker is free again"
) {
  const node a = start_node("a", 1);
  const job running = submit();
  const auto other = start_coordinator("other");
  publish_none();
  lose(main);
  store->execute(
      std::vector<adapters::store_change>{adapters::store_op::requeue{
          current_attempt(a.work->assigned.at(0)),
          adapters::store_op::end_of_lease::crashed,
          {error_class::worker_lost, "given up"},
          {}}},
      now()
  );
  publish(other);
  advance(seconds{6});
  REQUIRE(a.work->cancelled.size() == 1);
  CHECK(a.work->assigned.size() == 1);
  CHECK(finish(a, a.work->assigned[0]).error().kind == error_class::conflict);
  // The same job again, under a new lease.
  advance(config.poll_interval);
  REQUIRE(a.work->assigned.size() == 2);
  CHECK(a.work->assigned[1].id == running.id);
  CHECK(seen->nodes.adopted == 0);
}

TEST_CASE_METHOD(nodes_fixture, "without a coordinator for a lease's length the work is stopped") {
  const node a = start_node("a", 1);
  submit();
  publish_none();
  lose(main);
  advance(seconds{29}, milliseconds{100});
  CHECK(a.work->cancelled.empty());
  const auto waiting =
      ask<unit_value>(a.link, renew_atom_v, current_attempt(a.work->assigned.at(0)));
  CHECK_FALSE(waiting.has_answer());
  advance(seconds{2}, milliseconds{100});
  CHECK(a.work->cancelled.size() == 1);
  CHECK(waiting.answer().error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(nodes_fixture, "a gateway that fails costs nothing: its nodes join the next one") {
  const node a = start_node("a", 1);
  const job running = submit();
  kill(main.gateway, caf::exit_reason::unhandled_exception);
  main.gateway = start_gateway(main.queue);
  publish(main);
  // For longer than orphans wait, and shorter than the lease, which nobody renews here.
  advance(seconds{15}, milliseconds{100});
  CHECK(workers(main).size() == 1);
  CHECK(a.work->cancelled.empty());
  REQUIRE(finish(a, a.work->assigned.at(0)));
  CHECK(find(running).status == job_status::completed);
  CHECK(find(running).crashes == 0);
  submit();
  CHECK(a.work->assigned.size() == 2);
}
