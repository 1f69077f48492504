// SPDX-License-Identifier: MIT

// What callers from outside ask of the queue.

#include "actors/support/failure.hpp"
#include "policies/jobs/job_notices.hpp"
#include "actors/queue/queue.hpp"
#include "adapters/log/log.hpp"

#include <cstddef>
#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

constexpr adapters::logger log{adapters::subsystem::queue};

/// Jobs that a change of many takes on at a time.
constexpr std::uint32_t jobs_per_page = 500;

/// More in one batch would keep all others waiting for its flush.
constexpr std::size_t largest_submission = 1'000;

/// True where the store has looked at the dead letter and said no; otherwise it is not there.
bool is_refusal(error_class kind) noexcept {
  return kind == error_class::conflict || kind == error_class::not_found;
}

job make_job(job_request& request, timestamp now) {
  job made;
  made.id = job_id{make_uuid_v7(now)};
  made.request = std::move(request);
  made.status = made.request.run_at > now ? job_status::scheduled : job_status::pending;
  made.due_at = made.request.run_at;
  made.created_at = now;
  made.updated_at = now;
  return made;
}

}  // namespace

caf::error queue_state::refuse_jobs() const {
  return to_error(
      {error_class::unavailable,
       "not accepting jobs: the service is " + std::string{to_string(state_)}, milliseconds{5'000}}
  );
}

op::enqueue queue_state::intake(job_request& request) const {
  return {make_job(request, options_.clock->now()), options_.config.max_jobs};
}

submit_receipt queue_state::take_in(adapters::store_reply& reply) {
  job& accepted = reply.jobs.front();
  if (!reply.existing) {
    note(job_event_kind::accepted, accepted);
    if (policies::has_conversion(accepted)) {
      caf::anon_send(
          options_.records, record_atom_v,
          policies::make_conversion_update(accepted, job_status::pending, accepted.created_at)
      );
    }
  }
  return {std::move(accepted), reply.existing};
}

caf::result<submit_receipt> queue_state::submit(job_request& request) {
  if (state_ != service_state::running) {
    return refuse_jobs();
  }
  const auto answer = make_shared_reply_promise<submit_receipt>(self_);
  wants_claim_ = true;
  write(intake(request), [this, answer](adapters::store_reply& reply) {
    reply.error ? answer->fail(reply.error) : answer->deliver(take_in(reply));
  });
  return caf::delegated<submit_receipt>{};
}

caf::result<std::vector<submit_answer>> queue_state::submit_all(std::vector<job_request>& requests
) {
  if (state_ != service_state::running) {
    return refuse_jobs();
  }
  if (requests.empty()) {
    return std::vector<submit_answer>{};
  }
  if (requests.size() > largest_submission) {
    return to_error(
        {error_class::invalid_input,
         "a batch holds at most " + std::to_string(largest_submission) + " jobs",
         {}}
    );
  }
  const auto answer = make_shared_reply_promise<std::vector<submit_answer>>(self_);
  const auto answers = std::make_shared<std::vector<submit_answer>>(requests.size());
  const auto open = std::make_shared<std::size_t>(requests.size());
  wants_claim_ = true;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    add(intake(requests[i]), [this, answer, answers, open, i](adapters::store_reply& reply) {
      (*answers)[i].error = reply.error;
      if (!reply.error) {
        (*answers)[i].receipt = take_in(reply);
      }
      if (--*open == 0) {
        answer->deliver(std::move(*answers));
      }
    });
  }
  flush();
  return caf::delegated<std::vector<submit_answer>>{};
}

caf::result<job> queue_state::cancel(const job_id& id) {
  const auto answer = make_shared_reply_promise<job>(self_);
  write(op::cancel{id}, [this, answer](adapters::store_reply& reply) {
    if (reply.error) {
      answer->fail(reply.error);
      return;
    }
    const job& cancelled = reply.jobs.front();
    note(job_event_kind::cancelled, cancelled);
    record_and_notify(cancelled);
    revoke(cancelled.id);
    answer->deliver(cancelled);
  });
  return caf::delegated<job>{};
}

caf::result<job> queue_state::change_job(adapters::store_change change) {
  const auto answer = make_shared_reply_promise<job>(self_);
  wants_claim_ = true;
  write(std::move(change), [answer](adapters::store_reply& reply) {
    reply.error ? answer->fail(reply.error) : answer->deliver(std::move(reply.jobs.front()));
  });
  return caf::delegated<job>{};
}

caf::result<job> queue_state::promote(const job_id& id) {
  return change_job(op::prioritize{id});
}

caf::result<job> queue_state::retry(const job_id& id) {
  return change_job(op::retry{id});
}

caf::result<job> queue_state::drop(const job_id& id) {
  return change_job(op::drop{id});
}

caf::result<unit_value> queue_state::pause(job_type type, bool is_paused) {
  const auto answer = make_shared_reply_promise<unit_value>(self_);
  wants_claim_ = true;
  write(op::pause{type, is_paused}, [answer](adapters::store_reply& reply) {
    reply.error ? answer->fail(reply.error) : answer->deliver(unit_value{});
  });
  return caf::delegated<unit_value>{};
}

caf::result<retry_report> queue_state::retry_all(const job_filter& filter) {
  const auto work =
      std::make_shared<bulk_retry>(bulk_retry{make_shared_reply_promise<retry_report>(self_), filter});
  work->filter.statuses = {job_status::failed};
  work->filter.limit = jobs_per_page;
  retry_page(work);
  return caf::delegated<retry_report>{};
}

void queue_state::retry_page(const std::shared_ptr<bulk_retry>& work) {
  self_->request(runner_, caf::infinite, list_atom_v, work->filter)
      .then(
          [this, work](const job_page& page) {
            work->filter.before = page.next;
            retry_jobs(work, page.jobs);
          },
          [work](caf::error& reason) { work->answer->fail(std::move(reason)); }
      );
}

void queue_state::retry_jobs(
    const std::shared_ptr<bulk_retry>& work, const std::vector<job>& dead
) {
  const auto go_on = [this, work] {
    if (work->trouble) {
      work->answer->fail(work->trouble);
    } else if (work->filter.before.value.is_nil()) {
      work->answer->deliver(work->report);
    } else {
      retry_page(work);
    }
  };
  if (dead.empty()) {
    go_on();
    return;
  }
  work->open = dead.size();
  wants_claim_ = true;
  for (const job& letter : dead) {
    add(op::retry{letter.id}, [work, go_on](adapters::store_reply& reply) {
      if (reply.error && !is_refusal(reply.error.kind)) {
        work->trouble = reply.error;
      } else {
        ++(reply.error ? work->report.refused : work->report.retried);
      }
      if (--work->open == 0) {
        go_on();
      }
    });
  }
  flush();
}

void queue_state::wake_held(const job_id& before) {
  job_filter held;
  held.statuses = {job_status::scheduled};
  held.errors = {error_class::held};
  held.before = before;
  held.limit = jobs_per_page;
  const auto wake = [this](const job_page& page) {
    for (const job& waiting : page.jobs) {
      // One that is due, or cancelled, meanwhile is refused, and rightly.
      add(op::make_available{waiting.id}, [](const adapters::store_reply&) {});
    }
    dispatch();
    if (!page.next.value.is_nil()) {
      wake_held(page.next);
    }
  };
  self_->request(runner_, caf::infinite, list_atom_v, held)
      .then(wake, [](const caf::error& reason) {
        log.warning(
            "jobs that are held stay so until they are due", {{"reason", describe(reason)}}
        );
      });
}

}  // namespace stayler::actors
