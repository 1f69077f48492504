// SPDX-License-Identifier: MIT
#include "tests/actors/queue/queue_fixture.hpp"

#include "actors/queue/retry_scheduler.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace stayler::test {

namespace {

using surroundings_ptr = std::shared_ptr<surroundings>;

caf::behavior fake_metrics(caf::event_based_actor*, surroundings_ptr s) {
  return {[s](const queue_report& report) { s->reports.push_back(report); }};
}

caf::behavior fake_records(caf::event_based_actor*, surroundings_ptr s) {
  return {
      [s](record_atom, const conversion_update& update) -> caf::result<unit_value> {
        if (s->records_error) {
          return actors::to_error(s->records_error);
        }
        s->records.push_back(update);
        return unit_value{};
      },
      [s](record_atom, const std::vector<conversion_update>& updates) {
        ++s->record_batches;
        if (!s->records_error) {
          s->records.insert(s->records.end(), updates.begin(), updates.end());
        }
      },
  };
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
      [s](retire_atom) { ++s->retired; },
  };
}

}  // namespace

std::size_t surroundings::count(job_event_kind kind) const {
  std::size_t n = 0;
  for (const auto& report : reports) {
    n += static_cast<std::size_t>(std::ranges::count(report.events, kind, &job_event::kind));
  }
  return n;
}

watched_store::watched_store() : forwarding_job_store(adapters::make_memory_job_store()) {}

adapters::store_outcome watched_store::execute(
    std::span<const adapters::store_change> batch, timestamp now
) {
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

queue_fixture::queue_fixture() {
  config.retry.jitter = false;
  store = adapters::make_memory_job_store();
  start_queue();
}

void queue_fixture::start_queue(std::shared_ptr<adapters::wall_clock> time) {
  actors::queue_options options;
  options.store = store;
  options.clock = time ? std::move(time) : clock();
  options.config = config;
  options.instance_id = "here";
  options.node = "host";
  retries = caf::actor_cast<retry_scheduler_actor>(
      spawn(actors::retry_scheduler, actors::retry_scheduler_options{clock(), config})
  );
  options.retries = retries;
  options.metrics = spawn_fake<metrics_actor>(fake_metrics, seen);
  options.records = spawn_fake<record_io_actor>(fake_records, seen);
  options.notifier = spawn_fake<notifier_actor>(fake_notifier, seen);
  options.quarantines = quarantines;
  queue = spawn(actors::queue, options);
  REQUIRE(call<unit_value>(queue, start_atom_v));
}

worker_actor queue_fixture::spawn_fake_worker() {
  return spawn_fake<worker_actor>(fake_worker, seen);
}

worker_actor queue_fixture::add_worker(const std::string& id) {
  auto worker = spawn_fake_worker();
  tell(queue, join_atom_v, id, worker);
  return worker;
}

job_request queue_fixture::request(const std::string& conversion, std::uint32_t priority) {
  job_request wanted;
  wanted.conversion_id = conversion;
  wanted.user_id = "u1";
  wanted.priority = priority;
  wanted.max_retries = 3;
  return wanted;
}

job queue_fixture::submit(const std::string& conversion, std::uint32_t priority) {
  return call<submit_receipt>(queue, submit_atom_v, request(conversion, priority))->accepted;
}

job queue_fixture::find(const job& of) {
  return *call<job>(queue, find_atom_v, of.id);
}

queue_status queue_fixture::status() {
  return *call<queue_status>(queue, status_atom_v);
}

result<unit_value> queue_fixture::finish(const job& leased, attempt_outcome outcome) {
  return call<unit_value>(queue, finish_atom_v, current_attempt(leased), std::move(outcome));
}

}  // namespace stayler::test
