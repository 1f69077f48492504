// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/fakes/fake_queue.hpp"

#include "actors/support/reply_promise.hpp"
#include "adapters/job_store/job_store.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"
#include "tests/integration/http/api/fakes/fake_failures.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace stayler::test {

using namespace std::chrono_literals;
using actors::to_error;

namespace {

struct fake_queue_state {
  std::map<job_id, job> jobs;
  std::map<std::string, job_id> keys;
  std::vector<type_pause> paused;
};

using queue_pointer = queue_actor::stateful_pointer<fake_queue_state>;

result<submit_receipt> take(queue_pointer self, const job_request& request) {
  auto& state = self->state;
  if (request.user_id == "nobody") {
    return failure{error_class::unavailable, "not accepting", 2'500ms};
  }
  const auto known = state.keys.find(request.idempotency_key);
  if (!request.idempotency_key.empty() && known != state.keys.end()) {
    const job& earlier = state.jobs.at(known->second);
    if (request.user_id == earlier.request.user_id
        && adapters::reuses_key(request, earlier.request)) {
      return failure{error_class::key_reused, "the key belongs to another request"};
    }
    return submit_receipt{earlier, true};
  }
  if (request.user_id == "full") {
    return failure{error_class::rate_limited, "the queue is full", 5'000ms};
  }
  if (request.user_id == "no-room") {
    return failure{error_class::store_full, "the disk is full"};
  }
  job added;
  added.id = job_id{make_uuid_v7(std::chrono::system_clock::now())};
  added.request = request;
  added.status = request.user_id == "dead" ? job_status::failed : job_status::pending;
  if (added.status == job_status::failed) {
    added.error = {error_class::timeout, "no answer within 60s"};
    added.completed_at = to_timestamp(std::chrono::system_clock::now());
  }
  added.created_at = to_timestamp(std::chrono::system_clock::now());
  state.jobs[added.id] = added;
  state.keys[request.idempotency_key] = added.id;
  return submit_receipt{added, false};
}

/// Retry and drop: what counts is only that a dead letter is one.
caf::result<job> dead_letter(queue_pointer self, const job_id& id) {
  const auto found = self->state.jobs.find(id);
  if (found == self->state.jobs.end()) {
    return to_error(no_such("job"));
  }
  if (found->second.status != job_status::failed) {
    return to_error({error_class::conflict, "the job is no dead letter"});
  }
  return found->second;
}

/// Paused as wanted, or, where that is nothing, not paused.
pause_change change_pause(queue_pointer self, job_type type, std::optional<type_pause> wanted) {
  auto& paused = self->state.paused;
  pause_change made;
  if (const type_pause* before = find_pause(paused, type)) {
    made.before = *before;
  }
  std::erase_if(paused, [type](const type_pause& each) { return each.type == type; });
  if (wanted) {
    wanted->since = to_timestamp(std::chrono::system_clock::now());
    paused.push_back(*wanted);
  }
  made.after = std::move(wanted);
  return made;
}

caf::result<job> end_job(queue_pointer self, const job_id& id) {
  const auto found = self->state.jobs.find(id);
  if (found == self->state.jobs.end()) {
    return to_error(no_such("job"));
  }
  if (is_final(found->second.status)) {
    return to_error({error_class::conflict, "the job is cancelled already"});
  }
  found->second.status = job_status::cancelled;
  return found->second;
}

job_page list_jobs(const std::map<job_id, job>& jobs, const job_filter& filter) {
  job_page page;
  for (auto each = jobs.rbegin(); each != jobs.rend(); ++each) {
    const auto& [id, found] = *each;
    const bool is_behind_cursor = filter.before.value.is_nil() || id < filter.before;
    if (!is_behind_cursor || id < filter.since || !adapters::matches(found, filter)) {
      continue;
    }
    if (page.jobs.size() == filter.limit) {
      page.next = page.jobs.back().id;
      break;
    }
    page.jobs.push_back(found);
  }
  return page;
}

queue_actor::behavior_type fake_queue(queue_pointer self) {
  return {
      [self](submit_atom, const job_request& request) {
        return actors::to_caf_result(take(self, request));
      },
      [self](find_atom, const job_id& id) -> caf::result<job> {
        const auto found = self->state.jobs.find(id);
        if (found == self->state.jobs.end()) {
          return to_error(no_such("job"));
        }
        return found->second;
      },
      [self](list_atom, const job_filter& filter) { return list_jobs(self->state.jobs, filter); },
      [self](cancel_atom, const job_id& id) { return end_job(self, id); },
      [self](process_atom, const job_id& id, precedence over) -> caf::result<job> {
        const auto found = self->state.jobs.find(id);
        if (found != self->state.jobs.end()) {
          found->second.worker_id = over == precedence::all_jobs ? "all-jobs" : "own-jobs";
        }
        return end_job(self, id);
      },
      [self](submit_atom, const std::vector<job_request>& requests) {
        std::vector<submit_answer> answers;
        for (const job_request& request : requests) {
          auto taken = take(self, request);
          answers.push_back(
              taken ? submit_answer{{}, *std::move(taken)} : submit_answer{taken.error(), {}}
          );
        }
        return answers;
      },
      [self](retry_atom, const job_id& id) { return dead_letter(self, id); },
      [](retry_atom, const job_filter& filter) {
        return retry_report{filter.errors.size() + 10 * filter.types.size(), 2};
      },
      [self](drop_atom, const job_id& id) { return dead_letter(self, id); },
      [](erase_atom, const std::string&) { return erased_jobs{}; },
      [self](pause_atom, const type_pause& wanted) {
        return change_pause(self, wanted.type, wanted);
      },
      [self](resume_atom, job_type type, const std::string&) {
        return change_pause(self, type, std::nullopt);
      },
      [](open_call_atom, const attempt_id&) { return unit_value{}; },
      [](settle_call_atom, const attempt_id&, const call_settlement&) { return unit_value{}; },
      [self](status_atom) {
        queue_status status;
        status.paused = self->state.paused;
        status.state = service_state::running;
        status.counts.accepted = 4;
        status.counts.completed = 3;
        status.counts.failed = 1;
        status.workers.push_back({"w1", "here", true, job_id{}, {}, {}, 3, 0});
        return status;
      },
      [](join_atom, const std::string&, const worker_actor&) {},
      [](adopt_atom, const std::string&, const worker_actor&, const attempt_id&) {
        return unit_value{};
      },
      [](leave_atom, const std::string&) { return true; },
      [](renew_atom, const attempt_id&) { return unit_value{}; },
      [](report_atom, const attempt_id&, const job_progress&) { return unit_value{}; },
      [](finish_atom, const attempt_id&, const attempt_outcome&) { return unit_value{}; },
      [](due_atom) {},
      [](capacity_atom, const provider_capacity&) {},
      [](start_atom) { return unit_value{}; },
      [](drain_atom, milliseconds) { return unit_value{}; },
      [](probe_atom) { return dispatch_status{}; },
      [](settings_atom, const settings&) {},
  };
}

}  // namespace

queue_actor spawn_fake_queue(caf::actor_system& system) {
  return system.spawn(fake_queue);
}

}  // namespace stayler::test
