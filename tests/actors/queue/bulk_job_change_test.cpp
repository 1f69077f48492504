// SPDX-License-Identifier: MIT

// What is done to many jobs at once: dead letters that are retried, held jobs that are let go.

#include "tests/actors/queue/queue_fixture.hpp"

#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE_METHOD(queue_fixture, "a dead letter is retried or dropped, another job is neither") {
  add_worker();
  const job dead = submit("c1");
  CHECK(call<job>(queue, retry_atom_v, dead.id).error().kind == error_class::conflict);
  CHECK(call<job>(queue, drop_atom_v, dead.id).error().kind == error_class::conflict);
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::safety_blocked)));
  const auto again = call<job>(queue, retry_atom_v, dead.id);
  REQUIRE(again);
  CHECK(again->status == job_status::pending);
  REQUIRE(seen->assigned.size() == 2);
  REQUIRE(finish(seen->assigned[1], failed(error_class::safety_blocked)));
  // Both failures are news: a receiver that drops what it knows must not drop the second.
  REQUIRE(seen->notifications.size() == 2);
  CHECK(seen->notifications[0].event_id != seen->notifications[1].event_id);
  const auto dropped = call<job>(queue, drop_atom_v, dead.id);
  REQUIRE(dropped);
  CHECK(dropped->status == job_status::failed);
  CHECK(call<job>(queue, drop_atom_v, dead.id).error().kind == error_class::not_found);
}

TEST_CASE_METHOD(
    queue_fixture, "dead letters beyond a page are all retried, and dispatched at once"
) {
  for (int i = 0; i < 600; ++i) {
    const job accepted = submit("c" + std::to_string(i));
    adapters::store_change claim = adapters::store_op::claim{{"w"}, "other", seconds{30}};
    const auto leased = store->execute({&claim, 1}, clock()->now()).replies[0].jobs.at(0);
    adapters::store_change fail = adapters::store_op::fail{
        current_attempt(leased),
        adapters::store_op::end_of_lease::failed,
        {error_class::safety_blocked, "as told"}};
    store->execute({&fail, 1}, clock()->now());
  }
  submit("c7");
  add_worker();
  REQUIRE(seen->assigned.size() == 1);
  const auto report = call<retry_report>(queue, retry_atom_v, job_filter{});
  REQUIRE(report);
  CHECK(report->retried == 599);
  CHECK(report->refused == 1);
  const job running = seen->assigned[0];
  REQUIRE(finish(running, completed()));
  CHECK(seen->assigned.size() == 2);
}

TEST_CASE_METHOD(queue_fixture, "a store that is away is no answer about the dead letters") {
  const auto watched = std::make_shared<watched_store>();
  store = watched;
  start_queue();
  add_worker();
  submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::safety_blocked)));
  watched->retry_refusal = {error_class::unavailable, "away"};
  const auto report = call<retry_report>(queue, retry_atom_v, job_filter{});
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == error_class::unavailable);
  watched->retry_refusal = {error_class::conflict, "in flight again"};
  CHECK(*call<retry_report>(queue, retry_atom_v, job_filter{}) == retry_report{0, 1});
}

TEST_CASE_METHOD(queue_fixture, "jobs that are held go on as soon as quotas or budgets change") {
  add_worker();
  const job held = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::held, milliseconds{80'000'000})));
  const job failing = submit("c2");
  REQUIRE(finish(seen->assigned.at(1), failed(error_class::server_error)));
  REQUIRE(find(held).status == job_status::scheduled);
  CHECK(find(held).failures == 0);
  config.job_timeout = minutes{7};
  tell(queue, settings_atom_v, config);
  CHECK(find(held).status == job_status::scheduled);
  config.gemini.budget_per_day = 9;
  tell(queue, settings_atom_v, config);
  CHECK(find(held).status == job_status::processing);
  CHECK(find(failing).status == job_status::scheduled);
}

TEST_CASE_METHOD(queue_fixture, "jobs that an earlier process held are tried by the next") {
  add_worker();
  const job held = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::held, milliseconds{80'000'000})));
  REQUIRE(find(held).status == job_status::scheduled);
  start_queue();
  CHECK(find(held).status == job_status::pending);
}

TEST_CASE_METHOD(
    queue_fixture, "a user's jobs are erased: what runs is stopped, and told to nobody"
) {
  add_worker();
  const job running = submit("c1");
  const job waiting = submit("c2");
  const std::string user = running.request.user_id;
  const auto told = seen->notifications.size();
  const auto first = call<erased_jobs>(queue, erase_atom_v, user);
  REQUIRE(first);
  CHECK(*first == erased_jobs{0, 2});
  REQUIRE(seen->cancelled.size() == 1);
  CHECK(seen->cancelled[0].job == running.id);
  CHECK(*call<erased_jobs>(queue, erase_atom_v, user) == erased_jobs{2, 0});
  CHECK(*call<erased_jobs>(queue, erase_atom_v, user) == erased_jobs{0, 0});
  CHECK(call<job>(queue, find_atom_v, waiting.id).error().kind == error_class::not_found);
  CHECK(seen->notifications.size() == told);
}

TEST_CASE_METHOD(queue_fixture, "the jobs of others stay when a user's are erased") {
  const job kept = submit("c1");
  CHECK(*call<erased_jobs>(queue, erase_atom_v, std::string{"nobody"}) == erased_jobs{0, 0});
  CHECK(find(kept).status == job_status::pending);
}
