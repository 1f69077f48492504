// SPDX-License-Identifier: MIT

// The queue's promises: what is accepted is stored, due work goes to free workers by priority, and
// a drain leaves nothing behind.

#include "adapters/job_store/memory/memory_job_store.hpp"
#include "tests/actors/queue/queue_fixture.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A store that is away until it is told otherwise.
class absent_store final : public adapters::forwarding_job_store {
 public:
  absent_store() : forwarding_job_store(adapters::make_memory_job_store()) {}

  adapters::store_outcome execute(std::span<const adapters::store_change> batch, timestamp now)
      override {
    if (!is_away) {
      return forwarding_job_store::execute(batch, now);
    }
    adapters::store_outcome outcome;
    outcome.replies.assign(batch.size(), adapters::refusal({error_class::unavailable, "away"}));
    return outcome;
  }

  bool is_away = true;
};

}  // namespace

TEST_CASE_METHOD(queue_fixture, "an accepted job is in the store before the caller hears of it") {
  const job accepted = submit("c1");
  CHECK(store->find(accepted.id)->status == job_status::pending);
  CHECK(status().counts.accepted == 1);
}

TEST_CASE_METHOD(queue_fixture, "a job goes to a free worker without waiting for a poll") {
  add_worker();
  const job accepted = submit("c1");
  REQUIRE(seen->assigned.size() == 1);
  CHECK(seen->assigned[0].id == accepted.id);
  CHECK(find(accepted).status == job_status::processing);
  CHECK(find(accepted).worker_id == "worker-1");
}

TEST_CASE_METHOD(queue_fixture, "conversions of jobs that come together are recorded together") {
  add_worker();
  REQUIRE(call<std::vector<submit_answer>>(
      queue, submit_atom_v, std::vector<job_request>{request("c1"), request("c2"), request("c3")}
  ));
  CHECK(seen->record_batches == 1);
  REQUIRE(seen->records.size() == 3);
  CHECK(seen->records[2].conversion_id == "c3");
  // What becomes of a job is told after that.
  const job next = submit("c4");
  REQUIRE(call<job>(queue, cancel_atom_v, next.id));
  REQUIRE(seen->records.size() == 5);
  CHECK(seen->records[3].status == job_status::pending);
  CHECK(seen->records[4].status == job_status::cancelled);
}

TEST_CASE_METHOD(
    queue_fixture, "a worker that joins late gets the waiting job of highest priority"
) {
  submit("low", 1);
  const job urgent = submit("urgent", 20);
  submit("normal", 5);
  add_worker();
  REQUIRE(seen->assigned.size() == 1);
  CHECK(seen->assigned[0].id == urgent.id);
}

TEST_CASE_METHOD(queue_fixture, "a worker that has finished gets the next job") {
  submit("c1");
  submit("c2");
  add_worker();
  REQUIRE(seen->assigned.size() == 1);
  REQUIRE(finish(seen->assigned[0], completed()));
  CHECK(seen->assigned.size() == 2);
  CHECK(find(seen->assigned[0]).status == job_status::completed);
  CHECK(seen->count(job_event_kind::completed) == 1);
}

TEST_CASE_METHOD(queue_fixture, "a final job can be neither cancelled nor processed") {
  add_worker();
  const job j = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), completed()));
  CHECK(call<job>(queue, cancel_atom_v, j.id).error().kind == error_class::conflict);
  CHECK(
      call<job>(queue, process_atom_v, j.id, precedence::all_jobs).error().kind
      == error_class::conflict
  );
  CHECK(call<job>(queue, cancel_atom_v, job_id{}).error().kind == error_class::not_found);
}

TEST_CASE_METHOD(queue_fixture, "a scheduled job runs at its time, or at once when promoted") {
  add_worker();
  job_request later = request("later");
  later.run_at = now() + minutes{10};
  const job j = call<submit_receipt>(queue, submit_atom_v, later)->accepted;
  CHECK(j.status == job_status::scheduled);
  advance(minutes{9}, seconds{5});
  CHECK(seen->assigned.empty());
  REQUIRE(call<job>(queue, process_atom_v, j.id, precedence::all_jobs));
  CHECK(seen->assigned.size() == 1);
}

TEST_CASE_METHOD(queue_fixture, "a job that goes ahead of its user's others waits for their turn") {
  const auto submit_for = [this](const std::string& user, const std::string& conversion) {
    job_request wanted = request(conversion);
    wanted.user_id = user;
    return call<submit_receipt>(queue, submit_atom_v, wanted)->accepted;
  };
  submit_for("ann", "c1");
  const job ahead = submit_for("ann", "c2");
  const job others = submit_for("bob", "c3");
  REQUIRE(call<job>(queue, process_atom_v, ahead.id, precedence::own_jobs));
  add_worker();
  REQUIRE(finish(seen->assigned.at(0), completed()));
  REQUIRE(seen->assigned.size() == 2);
  CHECK(seen->assigned[0].id == ahead.id);
  CHECK(seen->assigned[1].id == others.id);
}

TEST_CASE_METHOD(queue_fixture, "a user's own bound refuses its jobs, and never a retry") {
  config.max_jobs_per_user = 1;
  start_queue();
  add_worker();
  const job failing = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::invalid_input)));
  REQUIRE(call<pause_change>(queue, pause_atom_v, type_pause{}));
  submit("c2");
  const auto refused = call<submit_receipt>(queue, submit_atom_v, request("c3"));
  CHECK(refused.error().kind == error_class::rate_limited);
  CHECK(refused.error().retry_after > seconds{0});
  REQUIRE(call<job>(queue, retry_atom_v, failing.id));
  CHECK(status().counts.pending == 2);
}

TEST_CASE_METHOD(queue_fixture, "a drain accepts nothing, waits for what runs, and then is over") {
  add_worker();
  submit("c1");
  const auto drained = ask<unit_value>(queue, drain_atom_v, milliseconds{30'000});
  CHECK_FALSE(drained.has_answer());
  CHECK(status().state == service_state::draining);
  const auto refused = call<submit_receipt>(queue, submit_atom_v, request("c2"));
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().retry_after > seconds{0});
  REQUIRE(finish(seen->assigned.at(0), completed()));
  CHECK(drained.has_answer());
  CHECK(status().state == service_state::stopped);
  CHECK(
      call<unit_value>(queue, drain_atom_v, milliseconds{1}).error().kind == error_class::conflict
  );
}

TEST_CASE_METHOD(queue_fixture, "a drain takes back at its deadline what workers do not finish") {
  add_worker();
  const job j = submit("c1");
  const auto drained = ask<unit_value>(queue, drain_atom_v, milliseconds{10'000});
  advance(seconds{10}, seconds{1});
  CHECK(seen->released == 1);
  advance(seconds{2}, seconds{1});
  CHECK(drained.has_answer());
  CHECK(find(j).status == job_status::pending);
  CHECK(find(j).interruptions == 1);
  CHECK(find(j).failures == 0);
}

TEST_CASE_METHOD(queue_fixture, "a drained queue starts again with what was left") {
  REQUIRE(call<unit_value>(queue, drain_atom_v, milliseconds{1}));
  REQUIRE(call<unit_value>(queue, start_atom_v));
  CHECK(call<unit_value>(queue, start_atom_v).error().kind == error_class::conflict);
  add_worker();
  submit("c1");
  CHECK(seen->assigned.size() == 1);
}

TEST_CASE_METHOD(
    queue_fixture, "the same idempotency key, or a conversion in flight, gives the first job"
) {
  job_request wanted = request("c1");
  wanted.idempotency_key = "k";
  const auto first = call<submit_receipt>(queue, submit_atom_v, wanted);
  wanted.conversion_id = "c2";
  const auto again = call<submit_receipt>(queue, submit_atom_v, wanted);
  CHECK(again->is_duplicate);
  CHECK(again->accepted.id == first->accepted.id);
  CHECK(call<submit_receipt>(queue, submit_atom_v, request("c1"))->is_duplicate);
  CHECK(status().counts.accepted == 1);
  CHECK(seen->count(job_event_kind::accepted) == 1);
}

TEST_CASE_METHOD(queue_fixture, "events and counts agree after a busy time") {
  for (int i = 1; i <= 5; ++i) {
    add_worker("worker-" + std::to_string(i));
  }
  for (int i = 0; i < 100; ++i) {
    submit("c" + std::to_string(i));
  }
  for (std::size_t i = 0; i < seen->assigned.size(); ++i) {
    const bool fails = i % 10 == 3;
    REQUIRE(finish(seen->assigned[i], fails ? failed(error_class::invalid_input) : completed()));
  }
  const job_counts counts = status().counts;
  CHECK(counts.accepted == 100);
  CHECK(counts.completed == 90);
  CHECK(counts.failed == 10);
  CHECK(counts.pending + counts.processing + counts.scheduled == 0);
  CHECK(seen->count(job_event_kind::accepted) == 100);
  CHECK(seen->count(job_event_kind::completed) == 90);
  CHECK(seen->count(job_event_kind::failed) == 10);
  CHECK(seen->assigned.size() == 100);
}

TEST_CASE_METHOD(
    queue_fixture, "a batch of jobs is taken in by one write, each with its own answer"
) {
  config.max_jobs = 2;
  start_queue();
  seen->reports.clear();
  const auto answers = call<std::vector<submit_answer>>(
      queue, submit_atom_v,
      std::vector<job_request>{request("c1"), request("c1"), request("c2"), request("c3")}
  );
  REQUIRE(answers);
  REQUIRE(answers->size() == 4);
  CHECK_FALSE((*answers)[0].error);
  CHECK((*answers)[1].receipt.is_duplicate);
  CHECK((*answers)[1].receipt.accepted.id == (*answers)[0].receipt.accepted.id);
  CHECK_FALSE((*answers)[2].error);
  CHECK((*answers)[3].error.kind == error_class::rate_limited);
  CHECK(seen->count(job_event_kind::accepted) == 2);
  CHECK(
      std::ranges::count_if(seen->reports, [](const queue_report& r) { return r.batch_size > 1; })
      == 1
  );
  CHECK(call<std::vector<submit_answer>>(queue, submit_atom_v, std::vector<job_request>{})->empty()
  );
  const auto refused = call<std::vector<submit_answer>>(
      queue, submit_atom_v, std::vector<job_request>(1'001, request("c4"))
  );
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
}

TEST_CASE_METHOD(queue_fixture, "the store is audited with each clean-up") {
  const auto watched = std::make_shared<watched_store>();
  store = watched;
  config.cleanup_interval = minutes{1};
  start_queue();
  CHECK(watched->audits == 0);
  advance(minutes{1});
  CHECK(watched->audits == 1);
  advance(minutes{1});
  CHECK(watched->audits == 2);
}

TEST_CASE_METHOD(
    queue_fixture, "a job that another coordinator has taken in goes to a free worker"
) {
  add_worker();
  job other;
  other.id = {make_uuid_v7(now())};
  other.request = request("c1");
  other.created_at = now();
  const std::vector<adapters::store_change> batch{adapters::store_op::enqueue{other}};
  REQUIRE_FALSE(store->execute(batch, now()).replies.at(0).error);
  CHECK(seen->assigned.empty());
  tell(queue, due_atom_v);
  CHECK(seen->assigned.size() == 1);
}

TEST_CASE_METHOD(queue_fixture, "no more jobs are given out than the provider can take") {
  for (int i = 0; i < 4; ++i) {
    add_worker("w" + std::to_string(i));
  }
  tell(queue, capacity_atom_v, provider_capacity{2, {}, {}});
  for (int i = 0; i < 4; ++i) {
    submit("c" + std::to_string(i));
  }
  CHECK(seen->assigned.size() == 2);
  REQUIRE(finish(seen->assigned[0], completed()));
  CHECK(seen->assigned.size() == 3);
  tell(queue, capacity_atom_v, provider_capacity{9, {}, {}});
  CHECK(seen->assigned.size() == 4);
}

TEST_CASE_METHOD(queue_fixture, "while the provider is closed other work goes on") {
  add_worker("w1");
  add_worker("w2");
  tell(queue, capacity_atom_v, provider_capacity{9, now() + minutes{1}, "away"});
  submit("c1");
  CHECK(seen->assigned.empty());
  job_request other = request("");
  other.type = job_type::image_processing;
  other.conversion_id.clear();
  REQUIRE(call<submit_receipt>(queue, submit_atom_v, other));
  REQUIRE(seen->assigned.size() == 1);
  CHECK(seen->assigned[0].request.type == job_type::image_processing);
  // A message that was lost does not keep it closed: the time counts.
  advance(minutes{1} + config.poll_interval, milliseconds{1'000});
  CHECK(seen->assigned.size() == 2);
}

TEST_CASE_METHOD(queue_fixture, "one clean-up removes all that is outdated, however much it is") {
  config.retention = milliseconds{1};
  config.cleanup_interval = milliseconds{100};
  start_queue();
  for (int i = 0; i < 2'500; ++i) {
    const job accepted = submit("c" + std::to_string(i));
    adapters::store_change cancel = adapters::store_op::cancel{accepted.id};
    store->execute({&cancel, 1}, clock()->now());
  }
  advance(milliseconds{200});
  CHECK(status().counts.cancelled == 0);
}

TEST_CASE_METHOD(
    queue_fixture, "a queue has begun when its store has taken something, and says so"
) {
  const auto probed = [this] { return call<dispatch_status>(queue, probe_atom_v).value(); };
  CHECK(probed() == dispatch_status{true, true});
  const auto drained = ask<unit_value>(queue, drain_atom_v, milliseconds{30'000});
  CHECK(drained.has_answer());
  CHECK(probed() == dispatch_status{false, true});
}

TEST_CASE_METHOD(
    queue_fixture, "a queue whose store is away has not begun, and counts its failures"
) {
  const auto broken = std::make_shared<absent_store>();
  store = broken;
  start_queue();
  const auto probed = [this] { return call<dispatch_status>(queue, probe_atom_v).value(); };
  CHECK_FALSE(probed().has_begun);
  REQUIRE_FALSE(seen->reports.empty());
  CHECK(seen->reports.back().store_errors == std::vector{error_class::unavailable});
  broken->is_away = false;
  advance(config.poll_interval);
  CHECK(probed().has_begun);
  CHECK(seen->reports.back().store_errors.empty());
  CHECK(call<queue_status>(queue, status_atom_v));
  broken->is_away = true;
  advance(config.poll_interval);
  CHECK(probed().has_begun);
}

TEST_CASE_METHOD(queue_fixture, "the end of a job is told with its age") {
  add_worker();
  submit("c1");
  advance(seconds{20});
  REQUIRE(finish(seen->assigned.at(0), completed()));
  const auto& events = seen->reports.back().events;
  const auto end = std::ranges::find(events, job_event_kind::completed, &job_event::kind);
  REQUIRE(end != events.end());
  CHECK(end->age == seconds{20});
}
