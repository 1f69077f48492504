// SPDX-License-Identifier: MIT

// POST /worker/jobs/batch

#include "http/api/access/authorizer.hpp"
#include "http/api/idempotency_key.hpp"
#include "http/api/json/jobs/job_batch_json.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_data/conversion_owners.hpp"
#include "http/api/routes/user_data/user_scope.hpp"
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
  std::set<std::size_t> refused{};  ///< places whose answer is told as it is: the caller's doing
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
std::string conceal_all(batch_submission& batch) {
  const caller& caller = batch.exchange->caller;
  std::string cause;
  for (std::size_t place = 0; place < batch.answers.size(); ++place) {
    auto& each = batch.answers[place];
    const std::string message = each.error.message;
    each.error = batch.refused.contains(place) ? each.error : conceal(std::move(each.error));
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
  std::string cause = conceal_all(batch);
  auto answer = make_json(200, render_batch(id, batch.answers));
  answer.cause = std::move(cause);
  batch.exchange->send(std::move(answer));
}

void enqueue_batch(const context_ptr& api, bridge_self* self, const batch_ptr& batch) {
  if (batch->requests.empty()) {
    answer_batch(api, *batch);
    return;
  }
  const auto on_answers = [api, batch](result<std::vector<submit_answer>> answers) {
    if (!answers) {
      batch->exchange->send(failure_answer(answers.error()));
      return;
    }
    for (std::size_t i = 0; i < answers->size(); ++i) {
      auto& each = (*answers)[i];
      const auto refusal =
          each.error ? std::nullopt : refuse_foreign_job(batch->exchange->caller, each.receipt);
      batch->answers[batch->places[i]] = refusal ? submit_answer{*refusal, {}} : std::move(each);
    }
    answer_batch(api, *batch);
  };
  api->intake->submit(self, std::move(batch->requests), batch->exchange->trace, on_answers);
}

/// Why the caller cannot submit a job for that user, or one of that kind; none where it can.
failure refuse_user(const caller& caller, const job_request& request) {
  return caller.may_act_for(request.user_id)
             ? refuse_webhook(caller, request)
             : failure{
                 error_class::permission,
                 "userId is no user that the key " + caller.key + " is for"};
}

/// Why a job cannot be submitted that names one of these images, which the caller must not use.
failure refuse_images(const job_request& request, const std::set<std::string>& forbidden) {
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

/// What is to be known before the batch goes on. Images are not looked for, as a thousand jobs name
/// thousands: a job whose image does not exist fails with not_found, and is not tried again. Only a
/// caller that is limited to some users must not learn by it whether images exist.
ownership_query make_query(const batch_submission& batch) {
  std::set<std::string> images;
  ownership_query asked;
  for (const auto& request : batch.requests) {
    if (batch.exchange->caller.is_limited()) {
      for (auto& image : images_of(request)) {
        images.insert(std::move(image.id));
      }
    }
    if (!request.conversion_id.empty()) {
      asked.conversions.push_back(request.conversion_id);
    }
  }
  asked.images.assign(images.begin(), images.end());
  return asked;
}

/// For each of the jobs why it cannot be submitted. Whose a conversion is comes last: it is none of
/// the business of who has no right to the images.
std::vector<failure> judge_owners(
    const batch_submission& batch, const ownership_query& asked, const ownership_report& found
) {
  const caller& caller = batch.exchange->caller;
  std::set<std::string> forbidden;
  for (std::size_t i = 0; i < asked.images.size(); ++i) {
    if (!found.images[i] || !may_use(caller, *found.images[i])) {
      forbidden.insert(asked.images[i]);
    }
  }
  std::vector<failure> refusals;
  auto owner = found.conversions.begin();
  for (const auto& request : batch.requests) {
    auto refusal = refuse_images(request, forbidden);
    const auto of = request.conversion_id.empty() ? std::nullopt : *owner++;
    if (!refusal) {
      refusal = refuse_conversion(request, of);
    }
    refusals.push_back(std::move(refusal));
  }
  return refusals;
}

/// Where nobody can tell, jobs are accepted, and find out themselves, unless what they name has to
/// be the caller's own.
std::vector<failure> judge_unknown(const batch_submission& batch, const failure& why) {
  const bool is_limited = batch.exchange->caller.is_limited();
  return std::vector<failure>(batch.requests.size(), is_limited ? why : failure{});
}

void check_owners_of_all(const context_ptr& api, bridge_self* self, const batch_ptr& batch) {
  auto asked = make_query(*batch);
  const auto on_found = [api, batch,
                         asked](bridge_self* on, const result<ownership_report>& found) {
    drop_refused(
        *batch, found ? judge_owners(*batch, asked, *found) : judge_unknown(*batch, found.error())
    );
    enqueue_batch(api, on, batch);
  };
  api->owners->find(self, std::move(asked), on_found);
}

void read_batch(const context_ptr& api, const exchange_ptr& exchange, bridge_self* self) {
  auto parsed =
      parse_job_batch(exchange->request.body, job_rules_from(self->state.config, api->now()));
  const std::string key = read_idempotency_key(exchange->request, parsed.problems);
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
    return;
  }
  if (const auto& limits = api->options.access_control) {
    // The call itself is paid for: as one job.
    exchange->responder->set_headers(limits->charge(
        exchange->caller, static_cast<double>(parsed.jobs.size() - 1),
        std::chrono::steady_clock::now()
    ));
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
  std::vector<failure> refusals;
  for (std::size_t i = 0; i < batch->requests.size(); ++i) {
    refusals.push_back(refuse_user(exchange->caller, batch->requests[i]));
    if (refusals.back()) {
      batch->refused.insert(batch->places[i]);
    }
  }
  drop_refused(*batch, refusals);
  check_owners_of_all(api, self, batch);
}

void submit_batch(const context_ptr& api, const exchange_ptr& exchange) {
  api->actors.run([api, exchange](bridge_self* self) { read_batch(api, exchange, self); });
}

}  // namespace

void add_job_batch_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/worker/jobs/batch", require_json(bind_context(api, submit_batch)));
}

}  // namespace stayler::http
