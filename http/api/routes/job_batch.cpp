// SPDX-License-Identifier: MIT

// POST /worker/jobs/batch

#include "http/api/access/authorizer.hpp"
#include "http/api/idempotency_key.hpp"
#include "http/api/json/jobs/job_batch_json.hpp"
#include "http/api/routes/conversion_owners.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_scope.hpp"
#include "messages/jobs/submission.hpp"

#include <chrono>
#include <memory>
#include <set>
#include <utility>

namespace stayler::http {

namespace {

/// A batch on its way in: `answers` has a place for each job, `requests` those that are sound, in
/// the order of `places`.
struct batch_submission {
  exchange_ptr exchange;
  std::vector<submit_answer> answers;
  std::vector<job_request> requests;
  std::vector<std::size_t> places;
};

using batch_ptr = std::shared_ptr<batch_submission>;

failure refuse_job(const std::vector<field_problem>& problems) {
  failure refused{error_class::invalid_input, ""};
  for (const auto& problem : problems) {
    refused.message += refused.message.empty() ? "" : "; ";
    refused.message += problem.field + " " + problem.message;
  }
  return refused;
}

/// The ids of the jobs that were accepted, for the audit.
std::string accepted_ids(const std::vector<submit_answer>& answers) {
  std::string ids;
  for (const auto& each : answers) {
    if (!each.error) {
      ids.append(ids.empty() ? "" : ",").append(to_string(each.receipt.accepted.id));
    }
  }
  return ids;
}

/// Puts what the caller may see in place of each answer. Returns what it is not told of the first
/// that went wrong inside the service.
std::string conceal_all(const caller& caller, std::vector<submit_answer>& answers) {
  std::string cause;
  for (auto& each : answers) {
    const std::string message = each.error.message;
    each.error = conceal(std::move(each.error));
    if (cause.empty() && each.error.message != message) {
      cause = message;
    }
    each.receipt.accepted = show_to(caller, std::move(each.receipt.accepted));
  }
  return cause;
}

void answer_batch(const context_ptr& api, batch_submission& batch) {
  const std::string id = to_string(make_uuid_v7(api->now()));
  batch.exchange->responder->set_target(accepted_ids(batch.answers));
  std::string cause = conceal_all(batch.exchange->caller, batch.answers);
  auto answer = make_json(200, render_batch(id, batch.answers));
  answer.cause = std::move(cause);
  batch.exchange->send(std::move(answer));
}

void enqueue_batch(const context_ptr& api, const batch_ptr& batch) {
  if (batch->requests.empty()) {
    answer_batch(api, *batch);
    return;
  }
  const auto on_answer = [api, batch](const result<std::vector<submit_answer>>& answers) {
    if (!answers) {
      batch->exchange->send(failure_answer(answers.error()));
      return;
    }
    for (std::size_t i = 0; i < answers->size(); ++i) {
      const auto& each = (*answers)[i];
      const auto refusal =
          each.error ? std::nullopt : refuse_foreign_job(batch->exchange->caller, each.receipt);
      batch->answers[batch->places[i]] = refusal ? submit_answer{*refusal, {}} : each;
    }
    answer_batch(api, *batch);
  };
  api->actors.ask<std::vector<submit_answer>>(
      &actors::directory::queue, on_answer, submit_atom_v, std::move(batch->requests)
  );
}

/// Why a limited caller cannot submit that job; none where it can.
failure refuse_foreign(
    const caller& caller, const job_request& request, const std::set<std::string>& forbidden
) {
  if (!caller.may_act_for(request.user_id)) {
    return {error_class::permission, "userId is no user that the key " + caller.key + " is for"};
  }
  std::vector<field_problem> problems;
  for (const auto& image : images_of(request)) {
    if (forbidden.contains(image.id)) {
      problems.push_back({image.field, "names an image that does not exist"});
    }
  }
  return problems.empty() ? failure{} : refuse_job(problems);
}

/// Leaves the requests for which there is no refusal, and answers the others.
void drop_refused(batch_submission& batch, const std::vector<failure>& refusals) {
  std::vector<job_request> kept;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < batch.requests.size(); ++i) {
    if (refusals[i]) {
      batch.answers[batch.places[i]].error = refusals[i];
    } else {
      kept.push_back(std::move(batch.requests[i]));
      places.push_back(batch.places[i]);
    }
  }
  batch.requests = std::move(kept);
  batch.places = std::move(places);
}

/// Leaves those with conversions that are new, or their user's own.
void check_conversions(const context_ptr& api, const batch_ptr& batch) {
  std::vector<conversion_claim> claims;
  for (const auto& request : batch->requests) {
    claims.push_back({request.conversion_id, request.user_id});
  }
  const auto on_checked = [api, batch](const std::vector<failure>& refusals) {
    drop_refused(*batch, refusals);
    enqueue_batch(api, batch);
  };
  check_conversion_owners(api, batch->exchange->caller, claims, on_checked);
}

/// For a caller that is limited to some users: for them and with their images alone. That comes
/// first: whose the conversions of others are is none of its business.
void check_own_batch(const context_ptr& api, const batch_ptr& batch) {
  std::vector<std::string> images;
  for (const auto& request : batch->requests) {
    for (auto& image : images_of(request)) {
      images.push_back(std::move(image.id));
    }
  }
  const auto on_found = [api, batch](const result<std::set<std::string>>& forbidden) {
    if (forbidden) {
      std::vector<failure> refusals;
      for (const auto& request : batch->requests) {
        refusals.push_back(refuse_foreign(batch->exchange->caller, request, *forbidden));
      }
      drop_refused(*batch, refusals);
      check_conversions(api, batch);
    } else {
      batch->exchange->send(failure_answer(forbidden.error()));
    }
  };
  find_forbidden(api, batch->exchange->caller, std::move(images), on_found);
}

/// Images are not looked for: a thousand jobs name thousands. A job whose image does not exist
/// fails with not_found, and is not tried again.
void read_batch(const context_ptr& api, const exchange_ptr& exchange, const settings& config) {
  auto parsed = parse_job_batch(exchange->request.body, job_rules_from(config, api->now()));
  const std::string key = read_idempotency_key(exchange->request, parsed.problems);
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
    return;
  }
  if (const auto& limits = api->options.access_control) {
    // The call itself is paid for: as one job.
    limits->charge(
        exchange->caller, static_cast<double>(parsed.jobs.size() - 1),
        std::chrono::steady_clock::now()
    );
  }
  const auto batch = std::make_shared<batch_submission>();
  batch->exchange = exchange;
  batch->answers.resize(parsed.jobs.size());
  for (std::size_t i = 0; i < parsed.jobs.size(); ++i) {
    if (parsed.jobs[i].problems.empty()) {
      set_idempotency_key(parsed.jobs[i], key_in_batch(key, i));
      batch->requests.push_back(std::move(parsed.jobs[i].request));
      batch->places.push_back(i);
    } else {
      batch->answers[i].error = refuse_job(parsed.jobs[i].problems);
    }
  }
  exchange->caller.is_limited() ? check_own_batch(api, batch) : check_conversions(api, batch);
}

void submit_batch(const context_ptr& api, const exchange_ptr& exchange) {
  with_settings(api, [api, exchange](const settings& config) {
    read_batch(api, exchange, config);
  });
}

}  // namespace

void add_job_batch_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/worker/jobs/batch", require_json(bind_context(api, submit_batch)));
}

}  // namespace stayler::http
