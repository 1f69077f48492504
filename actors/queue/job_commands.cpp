// SPDX-License-Identifier: MIT
#include "actors/queue/job_commands.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/reply_promise.hpp"
#include "messages/jobs/submission.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

/// More in one batch would keep all others waiting for its flush.
constexpr std::size_t largest_submission = 1'000;

/// When a caller that was refused may try again.
constexpr milliseconds refusal_pause{5'000};

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

caf::error job_commands::refuse_jobs() const {
  return to_error(
      {error_class::unavailable,
       "not accepting jobs: the service is " + std::string{to_string(run_.now())}, refusal_pause}
  );
}

op::enqueue job_commands::make_enqueue(job_request& request) const {
  const settings& config = context_.options.config;
  return {make_job(request, context_.now()), config.max_jobs, config.max_jobs_per_user};
}

submit_receipt job_commands::accept(adapters::store_reply& reply) {
  job& accepted = reply.jobs.front();
  if (!reply.existing) {
    context_.events.add(job_event_kind::accepted, accepted);
    notices_.add_accepted(accepted);
  }
  return {std::move(accepted), reply.existing};
}

caf::result<submit_receipt> job_commands::submit(job_request& request) {
  if (!run_.is_running()) {
    return refuse_jobs();
  }
  const auto answer = make_shared_reply_promise<submit_receipt>(context_.self);
  context_.wants_claim = true;
  context_.batcher.write(make_enqueue(request), [this, answer](adapters::store_reply& reply) {
    reply.error ? answer->fail(reply.error) : answer->deliver(accept(reply));
  });
  return caf::delegated<submit_receipt>{};
}

caf::result<std::vector<submit_answer>> job_commands::submit_all(std::vector<job_request>& requests
) {
  if (!run_.is_running()) {
    return refuse_jobs();
  }
  if (requests.empty()) {
    return std::vector<submit_answer>{};
  }
  if (requests.size() > largest_submission) {
    return to_error(
        {error_class::invalid_input,
         "a batch holds at most " + std::to_string(largest_submission) + " jobs"}
    );
  }
  struct submission {
    shared_reply_promise<std::vector<submit_answer>> answer;
    std::vector<submit_answer> answers;
    std::size_t open;
  };
  const auto submitted = std::make_shared<submission>(submission{
      make_shared_reply_promise<std::vector<submit_answer>>(context_.self),
      std::vector<submit_answer>(requests.size()), requests.size()});
  context_.wants_claim = true;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    context_.batcher.add(
        make_enqueue(requests[i]),
        [this, submitted, i](adapters::store_reply& reply) {
          submit_answer& of_this = submitted->answers[i];
          of_this.error = reply.error;
          if (!reply.error) {
            of_this.receipt = accept(reply);
          }
          if (--submitted->open == 0) {
            submitted->answer->deliver(std::move(submitted->answers));
          }
        }
    );
  }
  context_.batcher.flush();
  return caf::delegated<std::vector<submit_answer>>{};
}

caf::result<job> job_commands::cancel(const job_id& id) {
  const auto answer = make_shared_reply_promise<job>(context_.self);
  context_.batcher.write(op::cancel{id}, [this, answer](adapters::store_reply& reply) {
    if (reply.error) {
      answer->fail(reply.error);
      return;
    }
    const job& cancelled = reply.jobs.front();
    context_.events.add(job_event_kind::cancelled, cancelled);
    notices_.send_ended(cancelled);
    recovery_.revoke(cancelled.id);
    answer->deliver(cancelled);
  });
  return caf::delegated<job>{};
}

caf::result<job> job_commands::change_job(adapters::store_change change) {
  const auto answer = make_shared_reply_promise<job>(context_.self);
  context_.wants_claim = true;
  context_.batcher.write(std::move(change), [answer](adapters::store_reply& reply) {
    reply.error ? answer->fail(reply.error) : answer->deliver(std::move(reply.jobs.front()));
  });
  return caf::delegated<job>{};
}

caf::result<job> job_commands::prioritize(const job_id& id, precedence over) {
  return change_job(op::prioritize{id, over});
}

caf::result<job> job_commands::retry(const job_id& id) {
  return change_job(op::retry{id});
}

caf::result<job> job_commands::drop(const job_id& id) {
  return change_job(op::drop{id});
}

caf::result<pause_change> job_commands::change_pause(adapters::store_change change) {
  const auto answer = make_shared_reply_promise<pause_change>(context_.self);
  context_.wants_claim = true;
  context_.batcher.write(std::move(change), [answer](adapters::store_reply& reply) {
    reply.error ? answer->fail(reply.error) : answer->deliver(std::move(reply.pause));
  });
  return caf::delegated<pause_change>{};
}

caf::result<pause_change> job_commands::pause(type_pause& wanted) {
  return change_pause(op::pause{std::move(wanted)});
}

caf::result<pause_change> job_commands::resume(job_type type, std::string& by) {
  return change_pause(op::resume{type, std::move(by)});
}

}  // namespace stayler::actors
