// SPDX-License-Identifier: MIT

// POST /worker/jobs, and /worker/jobs/{id}/rerun

#include "http/api/idempotency_key.hpp"
#include "http/api/json/jobs/job_request_json.hpp"
#include "http/api/routes/jobs/job_requests.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_data/conversion_owners.hpp"
#include "http/api/routes/user_data/user_scope.hpp"
#include "messages/jobs/submission.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::http {

namespace {

/// A job on its way in: its images and its conversion are looked for before it is enqueued.
struct submission {
  exchange_ptr exchange;
  job_request request;
  std::vector<named_image> images;
};

using submission_ptr = std::shared_ptr<submission>;

/// Why a job is not run again: its conversion is in flight already, but not as what runs it again.
std::optional<failure> refuse_other_job(const job_id& rerun_of, const submit_receipt& receipt) {
  const job& met = receipt.accepted;
  if (rerun_of.value.is_nil() || !receipt.is_duplicate || met.request.rerun_of == rerun_of) {
    return std::nullopt;
  }
  return failure{
      error_class::conflict, "its conversion is in progress again already, as job "
                                 + to_string(met.id) + "; cancel that one or wait for it"};
}

void answer_submission(
    const exchange_ptr& exchange, const job_id& rerun_of, submit_receipt receipt
) {
  auto refusal = refuse_foreign_job(exchange->caller, receipt);
  if (!refusal) {
    refusal = refuse_other_job(rerun_of, receipt);
  }
  if (refusal) {
    exchange->send(failure_answer(*refusal));
    return;
  }
  const std::string id = to_string(receipt.accepted.id);
  exchange->responder->set_target(id);
  auto answer = make_json(
      receipt.is_duplicate ? 200 : 201,
      render_job(show_to(exchange->caller, std::move(receipt.accepted)))
  );
  answer.headers.emplace_back("Location", "/worker/jobs/" + id);
  exchange->send(std::move(answer));
}

void enqueue_job(const context_ptr& api, bridge_self* self, submission& job) {
  const auto on_answers = [exchange = job.exchange,
                           rerun_of =
                               job.request.rerun_of](result<std::vector<submit_answer>> answers) {
    const failure& why = answers ? answers->front().error : answers.error();
    if (why) {
      exchange->send(failure_answer(why));
    } else {
      answer_submission(exchange, rerun_of, std::move(answers->front().receipt));
    }
  };
  std::vector<job_request> alone;
  alone.push_back(std::move(job.request));
  api->intake->submit(self, std::move(alone), job.exchange->trace, on_answers);
}

/// Each image that the caller cannot use; that one exists which is another's it must not learn.
std::vector<field_problem> check_images(const submission& job, const ownership_report& found) {
  std::vector<field_problem> problems;
  for (std::size_t i = 0; i < job.images.size(); ++i) {
    if (!found.images[i] || !may_use(job.exchange->caller, *found.images[i])) {
      problems.push_back({job.images[i].field, "names an image that does not exist"});
    }
  }
  return problems;
}

/// The mistake is not in the request, which names the job alone.
failure refuse_rerun(const std::vector<field_problem>& problems) {
  failure why{
      error_class::conflict, "the job cannot run again: its pictures are not there any more"};
  for (const field_problem& each : problems) {
    why.message += &each == &problems.front() ? " (" : ", ";
    why.message += each.field;
  }
  why.message += ")";
  return why;
}

/// What is known to be missing, or another's, is the caller's mistake. Where nobody can tell, the
/// job is accepted, and will find out itself, unless it has to be the caller's own.
std::optional<response> check_owners(const submission& job, const result<ownership_report>& found) {
  if (!found) {
    return job.exchange->caller.is_limited() ? std::optional{failure_answer(found.error())}
                                             : std::nullopt;
  }
  if (const auto problems = check_images(job, *found); !problems.empty()) {
    return job.request.rerun_of.value.is_nil() ? invalid_answer(problems)
                                               : failure_answer(refuse_rerun(problems));
  }
  const auto owner = found->conversions.empty() ? std::nullopt : found->conversions.front();
  const auto refused = refuse_conversion(job.request, owner);
  return refused ? std::optional{failure_answer(refused)} : std::nullopt;
}

void find_owners(const context_ptr& api, bridge_self* self, const submission_ptr& job) {
  ownership_query asked;
  for (const named_image& image : job->images) {
    asked.images.push_back(image.id);
  }
  if (!job->request.conversion_id.empty()) {
    asked.conversions.push_back(job->request.conversion_id);
  }
  const auto on_found = [api, job](bridge_self* on, const result<ownership_report>& found) {
    if (auto refusal = check_owners(*job, found)) {
      job->exchange->send(std::move(*refusal));
    } else {
      enqueue_job(api, on, *job);
    }
  };
  api->owners->find(self, std::move(asked), on_found);
}

void read_submission(const context_ptr& api, const exchange_ptr& exchange, bridge_self* self) {
  auto parsed =
      parse_job_request(exchange->request.body, job_rules_from(self->state.config, api->now()));
  set_idempotency_key(parsed, read_idempotency_key(exchange->request, parsed.problems));
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
  } else if (auto refusal = resolve_user_id(exchange->caller, parsed.request.user_id)) {
    exchange->send(std::move(*refusal));
  } else if (const auto refused = refuse_webhook(exchange->caller, parsed.request)) {
    exchange->send(refusal_answer(refused));
  } else {
    auto images = images_of(parsed.request);
    find_owners(
        api, self,
        std::make_shared<submission>(submission{
            exchange, std::move(parsed.request), std::move(images)})
    );
  }
}

/// What the job was asked for with, for another one. Who has a picture wants another, not the same
/// out of the cache.
job_request make_rerun(const job& of) {
  job_request again = of.request;
  again.rerun_of = of.id;
  again.run_at = {};
  again.idempotency_key.clear();
  again.fingerprint.clear();
  again.payload.options.no_cache |= of.status == job_status::completed;
  return again;
}

void submit_rerun(
    const context_ptr& api,
    const exchange_ptr& exchange,
    bridge_self* self,
    const job& ended,
    const std::string& key
) {
  parsed_job_request parsed;
  parsed.request = make_rerun(ended);
  set_idempotency_key(parsed, key);
  exchange->responder->set_details("rerun of " + to_string(ended.id));
  auto images = images_of(parsed.request);
  find_owners(
      api, self,
      std::make_shared<submission>(submission{
          exchange, std::move(parsed.request), std::move(images)})
  );
}

void rerun_job(const context_ptr& api, const exchange_ptr& exchange) {
  std::vector<field_problem> problems;
  const auto key = read_idempotency_key(exchange->request, problems);
  if (!problems.empty()) {
    exchange->send(invalid_answer(problems));
    return;
  }
  const auto on_answer = [api, exchange, key](const result<job>& found) {
    if (!found) {
      exchange->send(failure_answer(found.error()));
    } else if (!is_final(found->status)) {
      exchange->send(failure_answer(
          {error_class::conflict, "the job has not ended, it is "
                                      + std::string{to_string(found->status)}
                                      + "; only jobs that have ended can run again"}
      ));
    } else {
      api->actors.run([api, exchange, ended = *found, key](bridge_self* self) {
        submit_rerun(api, exchange, self, ended, key);
      });
    }
  };
  ask_about_job(api, exchange, find_atom_v, on_answer);
}

// The body is read on the bridge's actor: it has the settings at hand, and the I/O thread is free
// for others.
void submit_job(const context_ptr& api, const exchange_ptr& exchange) {
  api->actors.run([api, exchange](bridge_self* self) { read_submission(api, exchange, self); });
}

}  // namespace

void add_job_submission_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/worker/jobs", require_json(bind_context(api, submit_job)));
  routes.add("POST", "/worker/jobs/{id}/rerun", bind_context(api, rerun_job));
}

}  // namespace stayler::http
