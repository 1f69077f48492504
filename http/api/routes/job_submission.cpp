// SPDX-License-Identifier: MIT

// POST /worker/jobs

#include "http/api/idempotency_key.hpp"
#include "http/api/json/jobs/job_json.hpp"
#include "http/api/json/jobs/job_request_json.hpp"
#include "http/api/routes/conversion_owners.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_scope.hpp"
#include "messages/jobs/submission.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace stayler::http {

namespace {

using actors::directory;

/// A job on its way in: its images and its conversion are looked for before it is enqueued.
struct submission {
  exchange_ptr exchange;
  job_request request;
  std::vector<field_problem> problems;
  std::size_t open_checks = 0;
  failure unanswered;  ///< why it could not be found out whose an image is
};

void enqueue_job(const context_ptr& api, const std::shared_ptr<submission>& job) {
  const auto render = [exchange = job->exchange](const submit_receipt& receipt) {
    if (const auto refusal = refuse_foreign_job(exchange->caller, receipt)) {
      return failure_answer(*refusal);
    }
    const std::string id = to_string(receipt.accepted.id);
    exchange->responder->set_target(id);
    auto answer = make_json(
        receipt.is_duplicate ? 200 : 201, render_job(show_to(exchange->caller, receipt.accepted))
    );
    answer.headers.emplace_back("Location", "/worker/jobs/" + id);
    return answer;
  };
  api->actors.ask<submit_receipt>(
      &directory::queue, respond_with(job->exchange, render), submit_atom_v, std::move(job->request)
  );
}

/// Enters what the look-up of one of the images has found.
void add_lookup(submission& job, const std::string& field, const result<image_record>& found) {
  const caller& caller = job.exchange->caller;
  const bool is_missing = !found && found.error().kind == error_class::not_found;
  if (is_missing || (found && !may_use(caller, *found))) {
    job.problems.push_back({field, "names an image that does not exist"});
  } else if (!found && caller.is_limited()) {
    job.unanswered = found.error();
  }
}

void check_conversion(const context_ptr& api, const std::shared_ptr<submission>& job) {
  const auto on_checked = [api, job](const std::vector<failure>& refusals) {
    if (refusals.front()) {
      job->exchange->send(failure_answer(refusals.front()));
    } else {
      enqueue_job(api, job);
    }
  };
  const conversion_claim claim{job->request.conversion_id, job->request.user_id};
  check_conversion_owners(api, job->exchange->caller, {claim}, on_checked);
}

void finish_image_checks(const context_ptr& api, const std::shared_ptr<submission>& job) {
  if (!job->problems.empty()) {
    job->exchange->send(invalid_answer(job->problems));
  } else if (job->unanswered) {
    job->exchange->send(failure_answer(job->unanswered));
  } else {
    check_conversion(api, job);
  }
}

/// An image that is known to be missing is the caller's mistake; where nobody can tell, the job is
/// accepted, and will find out itself, unless it has to be the caller's own.
void check_images(const context_ptr& api, const std::shared_ptr<submission>& job) {
  const auto images = images_of(job->request);
  if (images.empty()) {
    check_conversion(api, job);
    return;
  }
  job->open_checks = images.size();
  for (const auto& image : images) {
    const auto on_answer = [api, job, field = image.field](const result<image_record>& found) {
      add_lookup(*job, field, found);
      if (--job->open_checks == 0) {
        finish_image_checks(api, job);
      }
    };
    api->actors.ask<image_record>(&directory::library, on_answer, find_atom_v, image.id);
  }
}

void read_submission(const context_ptr& api, const exchange_ptr& exchange, const settings& config) {
  auto parsed = parse_job_request(exchange->request.body, job_rules_from(config, api->now()));
  set_idempotency_key(parsed, read_idempotency_key(exchange->request, parsed.problems));
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
  } else if (auto refusal = resolve_user_id(exchange->caller, parsed.request.user_id)) {
    exchange->send(std::move(*refusal));
  } else {
    const submission made{exchange, std::move(parsed.request), {}, 0, {}};
    check_images(api, std::make_shared<submission>(made));
  }
}

void submit_job(const context_ptr& api, const exchange_ptr& exchange) {
  with_settings(api, [api, exchange](const settings& config) {
    read_submission(api, exchange, config);
  });
}

}  // namespace

void add_job_submission_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/worker/jobs", require_json(bind_context(api, submit_job)));
}

}  // namespace stayler::http
