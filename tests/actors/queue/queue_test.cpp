// SPDX-License-Identifier: MIT

// The queue's promises: what is accepted is stored, due work goes to free workers by priority, a
// lease ends in exactly one way, and a drain leaves nothing behind.

#include "actors/queue/queue.hpp"

#include "actors/queue/retry_scheduler.hpp"
#include "adapters/job_store/decorators/forwarding_job_store.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <variant>

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// What the fakes around the queue saw.
struct surroundings {
  std::vector<queue_report> reports;
  std::vector<conversion_update> records;
  failure records_error;
  std::vector<notification> notifications;
  std::vector<job> assigned;
  std::vector<attempt_id> cancelled;
  int released = 0;

  [[nodiscard]] std::size_t count(job_event_kind kind) const {
    std::size_t n = 0;
    for (const auto& report : reports) {
      n += static_cast<std::size_t>(std::ranges::count(report.events, kind, &job_event::kind));
    }
    return n;
  }
};

using surroundings_ptr = std::shared_ptr<surroundings>;

caf::behavior fake_metrics(caf::event_based_actor*, surroundings_ptr s) {
  return {[s](const queue_report& report) { s->reports.push_back(report); }};
}

caf::behavior fake_records(caf::event_based_actor*, surroundings_ptr s) {
  return {[s](record_atom, const conversion_update& update) -> caf::result<unit_value> {
    if (s->records_error) {
      return actors::to_error(s->records_error);
    }
    s->records.push_back(update);
    return unit_value{};
  }};
}

caf::behavior fake_notifier(caf::event_based_actor*, surroundings_ptr s) {
  return {[s](notify_atom, const notification& event) {
    s->notifications.push_back(event);
    return unit_value{};
  }};
}

caf::behavior fake_worker(caf::event_based_actor*, surroundings_ptr s) {
  return {
      [s](assign_atom, const job& leased) { s->assigned.push_back(leased); },
      [s](cancel_atom, const attempt_id& attempt) { s->cancelled.push_back(attempt); },
      [s](release_atom) { ++s->released; },
      [](retire_atom) {},
  };
}

/// A store in memory that counts its audits and can be made to refuse retries.
class watched_store final : public adapters::forwarding_job_store {
 public:
  watched_store() : forwarding_job_store(adapters::make_memory_job_store()) {}

  adapters::store_outcome execute(std::span<const adapters::store_change> batch, timestamp now)
      override {
    const auto is_retry = [](const adapters::store_change& change) {
      return std::holds_alternative<adapters::store_op::retry>(change);
    };
    if (retry_refusal && std::ranges::any_of(batch, is_retry)) {
      return {{batch.size(), {retry_refusal, {}}}, *counts(), {}};
    }
    audits += std::ranges::count_if(batch, [](const adapters::store_change& change) {
      return std::holds_alternative<adapters::store_op::verify_indexes>(change);
    });
    return forwarding_job_store::execute(batch, now);
  }
  void on_external_change(std::function<void(const adapters::external_change&)> callback) override {
    tell = std::move(callback);
  }

  std::function<void(const adapters::external_change&)> tell;
  std::ptrdiff_t audits = 0;
  failure retry_refusal;
};

class queue_fixture : public fixture {
 public:
  queue_fixture() {
    config.retry.jitter = false;
    store = adapters::make_memory_job_store();
    start_queue();
  }

  void start_queue(std::shared_ptr<adapters::wall_clock> time = nullptr) {
    actors::queue_options options;
    options.store = store;
    options.clock = time ? std::move(time) : clock();
    options.config = config;
    options.instance_id = "here";
    options.node = "host";
    options.retries = caf::actor_cast<retry_scheduler_actor>(
        spawn(actors::retry_scheduler, actors::retry_scheduler_options{clock(), config})
    );
    options.metrics = spawn_fake<metrics_actor>(fake_metrics, seen);
    options.records = spawn_fake<record_io_actor>(fake_records, seen);
    options.notifier = spawn_fake<notifier_actor>(fake_notifier, seen);
    queue = spawn(actors::queue, options);
    REQUIRE(call<unit_value>(queue, start_atom_v));
  }

  worker_actor add_worker(const std::string& id = "worker-1") {
    auto worker = spawn_fake<worker_actor>(fake_worker, seen);
    tell(queue, join_atom_v, id, worker);
    return worker;
  }

  job_request request(const std::string& conversion, std::uint32_t priority = 5) {
    job_request wanted;
    wanted.conversion_id = conversion;
    wanted.user_id = "u1";
    wanted.priority = priority;
    wanted.max_retries = 3;
    return wanted;
  }

  job submit(const std::string& conversion, std::uint32_t priority = 5) {
    return call<submit_receipt>(queue, submit_atom_v, request(conversion, priority))->accepted;
  }

  job find(const job& of) { return *call<job>(queue, find_atom_v, of.id); }
  queue_status status() { return *call<queue_status>(queue, status_atom_v); }

  result<unit_value> finish(const job& leased, attempt_outcome outcome) {
    return call<unit_value>(queue, finish_atom_v, current_attempt(leased), std::move(outcome));
  }

  static attempt_outcome completed() { return {.kind = attempt_outcome_kind::completed}; }
  static attempt_outcome failed(error_class kind, milliseconds after = {}) {
    return {.kind = attempt_outcome_kind::failed, .error = {kind, "as told", after}};
  }

  settings config;
  std::shared_ptr<adapters::job_store> store;
  surroundings_ptr seen = std::make_shared<surroundings>();
  actors::queue_impl queue;
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

TEST_CASE_METHOD(
    queue_fixture, "a failed attempt waits for its back-off, which virtual time makes short"
) {
  config.retry.initial_delay = minutes{5};
  tell(queue, settings_atom_v, config);
  start_queue();
  add_worker();
  const job j = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::server_error)));
  CHECK(find(j).status == job_status::scheduled);
  CHECK(find(j).attempts == 1);
  advance(minutes{5} - seconds{1}, seconds{1});
  CHECK(seen->assigned.size() == 1);
  advance(seconds{2}, seconds{1});
  CHECK(seen->assigned.size() == 2);
}

TEST_CASE_METHOD(
    queue_fixture, "a job out of retries is a dead letter, recorded and announced once"
) {
  add_worker();
  const job j = submit("c1");
  for (std::size_t attempt = 0; attempt < 4; ++attempt) {
    REQUIRE(seen->assigned.size() == attempt + 1);
    REQUIRE(finish(seen->assigned[attempt], failed(error_class::timeout)));
    advance(seconds{21}, seconds{1});
  }
  CHECK(find(j).status == job_status::failed);
  CHECK(find(j).history.size() == 4);
  CHECK(seen->assigned.size() == 4);
  CHECK(seen->count(job_event_kind::retried) == 3);
  CHECK(seen->count(job_event_kind::failed) == 1);
  REQUIRE(seen->notifications.size() == 1);
  CHECK(seen->notifications[0].event == "conversion.failed");
  CHECK(seen->records.back().status == job_status::failed);
}

TEST_CASE_METHOD(queue_fixture, "the end of a job is recorded once the records are back") {
  const job j = submit("c1");
  seen->records.clear();
  seen->records_error = {error_class::unavailable, "away"};
  REQUIRE(call<job>(queue, cancel_atom_v, j.id));
  advance(seconds{21}, seconds{1});
  seen->records_error = {};
  advance(seconds{5}, seconds{1});
  REQUIRE(seen->records.size() == 1);
  CHECK(seen->records[0].status == job_status::cancelled);
  CHECK(seen->notifications.size() == 1);
}

TEST_CASE_METHOD(queue_fixture, "what the records refuse is not recorded again") {
  const job j = submit("c1");
  seen->records.clear();
  seen->records_error = {error_class::conflict, "a newer attempt has written"};
  REQUIRE(call<job>(queue, cancel_atom_v, j.id));
  seen->records_error = {};
  advance(seconds{21}, seconds{1});
  CHECK(seen->records.empty());
}

TEST_CASE_METHOD(queue_fixture, "a failure that no retry helps against ends the job at once") {
  add_worker();
  const job j = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::safety_blocked)));
  CHECK(find(j).status == job_status::failed);
  CHECK(find(j).error.kind == error_class::safety_blocked);
}

TEST_CASE_METHOD(
    queue_fixture, "a rate limit refunds the attempt and waits for the provider's time"
) {
  add_worker();
  const job j = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::rate_limited, seconds{47})));
  CHECK(find(j).attempts == 0);
  advance(seconds{46}, seconds{1});
  CHECK(seen->assigned.size() == 1);
  advance(seconds{2}, seconds{1});
  CHECK(seen->assigned.size() == 2);
}

TEST_CASE_METHOD(queue_fixture, "a worker that dies loses its lease, and the job runs again") {
  const auto worker = add_worker();
  const job j = submit("c1");
  kill(worker);
  CHECK(find(j).status == job_status::scheduled);
  CHECK(find(j).crashes == 1);
  CHECK(find(j).attempts == 0);
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

TEST_CASE_METHOD(queue_fixture, "a final job can be neither cancelled nor processed") {
  add_worker();
  const job j = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), completed()));
  CHECK(call<job>(queue, cancel_atom_v, j.id).error().kind == error_class::conflict);
  CHECK(call<job>(queue, process_atom_v, j.id).error().kind == error_class::conflict);
  CHECK(call<job>(queue, cancel_atom_v, job_id{}).error().kind == error_class::not_found);
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

TEST_CASE_METHOD(queue_fixture, "a scheduled job runs at its time, or at once when promoted") {
  add_worker();
  job_request later = request("later");
  later.run_at = now() + minutes{10};
  const job j = call<submit_receipt>(queue, submit_atom_v, later)->accepted;
  CHECK(j.status == job_status::scheduled);
  advance(minutes{9}, seconds{5});
  CHECK(seen->assigned.empty());
  REQUIRE(call<job>(queue, process_atom_v, j.id));
  CHECK(seen->assigned.size() == 1);
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
  CHECK(find(j).attempts == 0);
}

TEST_CASE_METHOD(queue_fixture, "a drained queue starts again with what was left") {
  REQUIRE(call<unit_value>(queue, drain_atom_v, milliseconds{1}));
  REQUIRE(call<unit_value>(queue, start_atom_v));
  CHECK(call<unit_value>(queue, start_atom_v).error().kind == error_class::conflict);
  add_worker();
  submit("c1");
  CHECK(seen->assigned.size() == 1);
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

TEST_CASE_METHOD(queue_fixture, "jobs of a paused type are dispatched when it goes on") {
  add_worker();
  REQUIRE(call<unit_value>(queue, pause_atom_v, job_type::image_conversion, true));
  submit("c1");
  CHECK(seen->assigned.empty());
  CHECK(status().paused == std::vector{job_type::image_conversion});
  REQUIRE(call<unit_value>(queue, pause_atom_v, job_type::image_conversion, false));
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
    queue_fixture,
    "a worker that is replaced has lost its job, which runs again with a crash counted"
) {
  const auto stuck = add_worker();
  const job j = submit("c1");
  add_worker();  // under the same name; the first one has not ended
  CHECK(find(j).status == job_status::scheduled);
  CHECK(find(j).crashes == 1);
  CHECK(find(j).history.back().error.kind == error_class::worker_lost);
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

TEST_CASE_METHOD(queue_fixture, "jobs that are held go on as soon as quotas or budgets change") {
  add_worker();
  const job held = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::held, milliseconds{80'000'000})));
  const job failing = submit("c2");
  REQUIRE(finish(seen->assigned.at(1), failed(error_class::server_error)));
  REQUIRE(find(held).status == job_status::scheduled);
  CHECK(find(held).attempts == 0);
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
