// SPDX-License-Identifier: MIT

// /worker/jobs

#include "http/api/json/job_json.hpp"
#include "http/api/json/job_query.hpp"
#include "http/api/json/json_fields.hpp"
#include "http/api/routes/user_scope.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/json/status_json.hpp"

#include <algorithm>
#include <set>

namespace stayler::http {

namespace {

using actors::directory;

constexpr std::size_t max_key_bytes = 255;

/// A job on its way in: its images are looked for before it is submitted.
struct submission {
  call_ptr asked;
  job_request request;
  std::vector<field_problem> problems;
  std::size_t open_checks = 0;
  failure unsure;  ///< why it could not be found out scope an image is
};

job_rules rules_from(const settings& config) {
  return {
      config.max_retries, config.retry.max_retries, config.job_timeout,
      adapters::image_url_rules_from(config)};
}

bool is_usable_key(std::string_view key) {
  return !key.empty() && key.size() <= max_key_bytes
         && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void hand_in(const context_ptr& api, const std::shared_ptr<submission>& job) {
  const auto render = [c = job->asked](const submit_receipt& receipt) {
    if (const auto refusal = refuse_foreign_job(c->who, receipt)) {
      return failure_answer(*refusal);
    }
    auto answer = make_json(receipt.is_duplicate ? 200 : 201, render_job(receipt.accepted));
    answer.target = to_string(receipt.accepted.id);
    answer.headers.emplace_back("Location", "/worker/jobs/" + answer.target);
    return answer;
  };
  api->actors.ask<submit_receipt>(
      &directory::queue, answering(job->asked, render), submit_atom_v, std::move(job->request)
  );
}

/// Enters what the look-up of one of the images has found.
void take_image(submission& job, const std::string& field, const result<image_record>& found) {
  const caller& who = job.asked->who;
  const bool is_missing = !found && found.error().kind == error_class::not_found;
  if (is_missing || (found && !may_use(who, *found))) {
    job.problems.push_back({field, "names an image that does not exist"});
  } else if (!found && who.is_limited()) {
    job.unsure = found.error();
  }
}

/// An image that is known to be missing is the caller's mistake; where nobody can tell, the job is
/// taken, and will find out itself, unless it has to be the caller's own.
void check_images(const context_ptr& api, const std::shared_ptr<submission>& job) {
  const auto images = images_of(job->request);
  if (images.empty()) {
    hand_in(api, job);
    return;
  }
  job->open_checks = images.size();
  for (const auto& image : images) {
    const auto on_answer = [api, job, field = image.field](const result<image_record>& found) {
      take_image(*job, field, found);
      if (--job->open_checks > 0) {
        return;
      }
      if (!job->problems.empty()) {
        job->asked->to->send(invalid_answer(job->problems));
      } else if (job->unsure) {
        job->asked->to->send(failure_answer(job->unsure));
      } else {
        hand_in(api, job);
      }
    };
    api->actors.ask<image_record>(&directory::library, on_answer, find_atom_v, image.id);
  }
}

void read_submission(const context_ptr& api, const call_ptr& c, const settings& config) {
  auto parsed = parse_job_request(c->req.body, rules_from(config));
  if (const auto key = c->req.header("idempotency-key")) {
    parsed.request.idempotency_key = *key;
    if (!is_usable_key(*key)) {
      parsed.problems.push_back({"Idempotency-Key", "must be 1 to 255 printable characters"});
    }
  }
  if (!parsed.problems.empty()) {
    c->to->send(invalid_answer(parsed.problems));
    return;
  }
  if (auto refusal = resolve_user_id(c->who, parsed.request.user_id)) {
    c->to->send(std::move(*refusal));
    return;
  }
  check_images(
      api, std::make_shared<submission>(submission{c, std::move(parsed.request), {}, 0, {}})
  );
}

void submit(const context_ptr& api, const call_ptr& c) {
  if (auto refusal = check_json_body(c->req)) {
    c->to->send(std::move(*refusal));
    return;
  }
  api->actors.run([api, c](bridge_self* self) { read_submission(api, c, self->state.config); });
}

/// A batch on its way in: `answers` has a place for each job, `requests` those that are sound, in
/// the order of `places`.
struct batch_submission {
  call_ptr asked;
  std::vector<submit_answer> answers;
  std::vector<job_request> requests;
  std::vector<std::size_t> places;
};

failure refusal_of(const std::vector<field_problem>& problems) {
  failure refused{error_class::invalid_input, "", {}};
  for (const auto& problem : problems) {
    refused.message += refused.message.empty() ? "" : "; ";
    refused.message += problem.field + " " + problem.message;
  }
  return refused;
}

/// The ids of the jobs that were taken.
std::string targets_of(const std::vector<submit_answer>& answers) {
  std::string ids;
  for (const auto& each : answers) {
    if (!each.error) {
      ids.append(ids.empty() ? "" : ",").append(to_string(each.receipt.accepted.id));
    }
  }
  return ids;
}

void answer_batch(const context_ptr& api, const batch_submission& batch) {
  const std::string id = to_string(make_uuid_v7(api->now()));
  auto answer = make_json(200, render_batch(id, batch.answers));
  answer.target = targets_of(batch.answers);
  batch.asked->to->send(std::move(answer));
}

void hand_in_batch(const context_ptr& api, const std::shared_ptr<batch_submission>& batch) {
  if (batch->requests.empty()) {
    answer_batch(api, *batch);
    return;
  }
  const auto on_answer = [api, batch](const result<std::vector<submit_answer>>& taken) {
    if (!taken) {
      batch->asked->to->send(failure_answer(taken.error()));
      return;
    }
    for (std::size_t i = 0; i < taken->size(); ++i) {
      const auto& each = (*taken)[i];
      const auto refusal = each.error ? std::nullopt : refuse_foreign_job(batch->asked->who, each.receipt);
      batch->answers[batch->places[i]] = refusal ? submit_answer{*refusal, {}} : each;
    }
    answer_batch(api, *batch);
  };
  api->actors.ask<std::vector<submit_answer>>(
      &directory::queue, on_answer, submit_atom_v, std::move(batch->requests)
  );
}

/// Why a limited caller cannot hand in that job; none where it can.
failure refusal_for(
    const caller& who, const job_request& request, const std::set<std::string>& forbidden
) {
  if (!who.may_act_for(request.user_id)) {
    return {error_class::permission, "userId is no user that the key " + who.key + " is for", {}};
  }
  std::vector<field_problem> problems;
  for (const auto& image : images_of(request)) {
    if (forbidden.contains(image.id)) {
      problems.push_back({image.field, "names an image that does not exist"});
    }
  }
  return problems.empty() ? failure{} : refusal_of(problems);
}

void keep_own(batch_submission& batch, const std::set<std::string>& forbidden) {
  std::vector<job_request> kept;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < batch.requests.size(); ++i) {
    auto refusal = refusal_for(batch.asked->who, batch.requests[i], forbidden);
    if (refusal) {
      batch.answers[batch.places[i]].error = std::move(refusal);
    } else {
      kept.push_back(std::move(batch.requests[i]));
      places.push_back(batch.places[i]);
    }
  }
  batch.requests = std::move(kept);
  batch.places = std::move(places);
}

/// For a caller that is limited to some users: of their images alone.
void hand_in_own_batch(const context_ptr& api, const std::shared_ptr<batch_submission>& batch) {
  std::vector<std::string> images;
  for (const auto& request : batch->requests) {
    for (auto& image : images_of(request)) {
      images.push_back(std::move(image.id));
    }
  }
  const auto on_found = [api, batch](const result<std::set<std::string>>& forbidden) {
    if (forbidden) {
      keep_own(*batch, *forbidden);
      hand_in_batch(api, batch);
    } else {
      batch->asked->to->send(failure_answer(forbidden.error()));
    }
  };
  find_forbidden(api, batch->asked->who, std::move(images), on_found);
}

/// Images are not looked for: a thousand jobs name thousands. A job scope image does not exist
/// fails with not_found, and is not tried again.
void read_batch(const context_ptr& api, const call_ptr& c, const settings& config) {
  auto parsed = parse_job_batch(c->req.body, rules_from(config));
  if (!parsed.problems.empty()) {
    c->to->send(invalid_answer(parsed.problems));
    return;
  }
  const auto batch = std::make_shared<batch_submission>();
  batch->asked = c;
  batch->answers.resize(parsed.jobs.size());
  for (std::size_t i = 0; i < parsed.jobs.size(); ++i) {
    if (parsed.jobs[i].problems.empty()) {
      batch->requests.push_back(std::move(parsed.jobs[i].request));
      batch->places.push_back(i);
    } else {
      batch->answers[i].error = refusal_of(parsed.jobs[i].problems);
    }
  }
  if (c->who.is_limited()) {
    hand_in_own_batch(api, batch);
  } else {
    hand_in_batch(api, batch);
  }
}

void submit_batch(const context_ptr& api, const call_ptr& c) {
  if (auto refusal = check_json_body(c->req)) {
    c->to->send(std::move(*refusal));
    return;
  }
  api->actors.run([api, c](bridge_self* self) { read_batch(api, c, self->state.config); });
}

void list_matching(const context_ptr& api, const call_ptr& c, parsed_job_query query) {
  if (!query.problems.empty()) {
    c->to->send(invalid_answer(query.problems));
    return;
  }
  if (auto refusal = resolve_user_id(c->who, query.filter.user_id)) {
    c->to->send(std::move(*refusal));
    return;
  }
  const auto render = [](const job_page& page) { return make_json(200, render_job_page(page)); };
  api->actors.ask<job_page>(&directory::queue, answering(c, render), list_atom_v, query.filter);
}

void list(const context_ptr& api, const call_ptr& c) {
  list_matching(api, c, parse_job_query(c->req));
}

void list_dead_letters(const context_ptr& api, const call_ptr& c) {
  auto query = parse_job_query(c->req);
  query.filter.statuses = {job_status::failed};
  list_matching(api, c, std::move(query));
}

void retry_dead_letters(const context_ptr& api, const call_ptr& c) {
  if (auto refusal = check_json_body(c->req)) {
    c->to->send(std::move(*refusal));
    return;
  }
  auto parsed = parse_job_filter(c->req.body);
  if (!parsed.problems.empty()) {
    c->to->send(invalid_answer(parsed.problems));
    return;
  }
  if (auto refusal = resolve_user_id(c->who, parsed.filter.user_id)) {
    c->to->send(std::move(*refusal));
    return;
  }
  const auto render = [](const retry_report& report) {
    return make_json(200, render_retry_report(report));
  };
  api->actors.ask<retry_report>(
      &directory::queue, answering(c, render), retry_atom_v, parsed.filter
  );
}

void pause(const context_ptr& api, const call_ptr& c, bool is_paused) {
  const auto type = parse_job_type(c->id);
  if (!type) {
    c->to->send(failure_answer({error_class::not_found, "there is no such job type", {}}));
    return;
  }
  const std::string message = c->id + (is_paused ? " is paused" : " goes on");
  const auto render = [api, message](unit_value) {
    return make_json(200, render_message(message, api->now()));
  };
  api->actors.ask<unit_value>(
      &directory::queue, answering(c, render), pause_atom_v, *type, is_paused
  );
}

/// Asks the queue about the one job that the path names.
template <class Atom, class Done>
void ask_about_job(const context_ptr& api, const call_ptr& c, Atom what, Done done) {
  const auto id = parse_job_id(c->id);
  if (!id) {
    c->to->send(failure_answer({error_class::not_found, "there is no such job", {}}));
    return;
  }
  api->actors.ask<job>(&directory::queue, done, what, *id);
}

/// The same, and shows the job.
template <class Atom>
void about_job(const context_ptr& api, const call_ptr& c, Atom what, unsigned status) {
  const auto render = [status](const job& found) { return make_json(status, render_job(found)); };
  ask_about_job(api, c, what, answering(c, render));
}

void show(const context_ptr& api, const call_ptr& c) {
  about_job(api, c, find_atom_v, 200);
}

void cancel(const context_ptr& api, const call_ptr& c) {
  about_job(api, c, cancel_atom_v, 200);
}

/// A conflict; where the job is a dead letter, with the way that there is for those.
void refuse_to_process(const context_ptr& api, const call_ptr& c, const failure& why) {
  const auto on_answer = [c, why](const result<job>& found) {
    failure refusal = why;
    if (found && found->status == job_status::failed) {
      refusal.message += "; POST /worker/jobs/" + c->id + "/retry tries it again";
    }
    c->to->send(failure_answer(refusal));
  };
  api->actors.ask<job>(&directory::queue, on_answer, find_atom_v, *parse_job_id(c->id));
}

void process(const context_ptr& api, const call_ptr& c) {
  const auto on_answer = [api, c](const result<job>& first) {
    if (first) {
      c->to->send(make_json(202, render_job(*first)));
    } else if (first.error().kind == error_class::conflict) {
      refuse_to_process(api, c, first.error());
    } else {
      c->to->send(failure_answer(first.error()));
    }
  };
  ask_about_job(api, c, process_atom_v, on_answer);
}

void retry(const context_ptr& api, const call_ptr& c) {
  about_job(api, c, retry_atom_v, 202);
}

void drop(const context_ptr& api, const call_ptr& c) {
  about_job(api, c, drop_atom_v, 200);
}

void pause_type(const context_ptr& api, const call_ptr& c) {
  pause(api, c, true);
}

void resume_type(const context_ptr& api, const call_ptr& c) {
  pause(api, c, false);
}

}  // namespace

void add_job_routes(router& to, const context_ptr& api) {
  to.add("POST", "/worker/jobs", with(api, submit));
  to.add("GET", "/worker/jobs", with(api, list));
  to.add("GET", "/worker/jobs/{id}", with(api, show));
  to.add("DELETE", "/worker/jobs/{id}", with(api, cancel));
  to.add("POST", "/worker/jobs/{id}/process", with(api, process));
  to.add("POST", "/worker/jobs/{id}/retry", with(api, retry));
  to.add("POST", "/worker/jobs/batch", with(api, submit_batch));
  to.add("GET", "/worker/dead-letters", with(api, list_dead_letters));
  to.add("POST", "/worker/dead-letters/retry", with(api, retry_dead_letters));
  to.add("DELETE", "/worker/dead-letters/{id}", with(api, drop));
  to.add("POST", "/worker/types/{id}/pause", with(api, pause_type));
  to.add("POST", "/worker/types/{id}/resume", with(api, resume_type));
}

}  // namespace stayler::http
