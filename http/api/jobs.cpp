// SPDX-License-Identifier: MIT

// /worker/jobs

#include "http/api/job_json.hpp"
#include "http/api/job_query.hpp"
#include "http/api/json_fields.hpp"
#include "http/api/resources.hpp"

#include <algorithm>

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
};

job_rules rules_from(const settings& config) {
  return {config.max_retries, config.retry.max_retries, config.job_timeout};
}

bool is_usable_key(std::string_view key) {
  return !key.empty() && key.size() <= max_key_bytes
         && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void hand_in(const context_ptr& api, const std::shared_ptr<submission>& job) {
  const auto render = [](const submit_receipt& receipt) {
    auto answer = make_json(receipt.is_repeat ? 200 : 201, render_job(receipt.accepted));
    answer.headers.emplace_back("Location", "/worker/jobs/" + to_string(receipt.accepted.id));
    return answer;
  };
  api->actors.ask<submit_receipt>(
      &directory::queue, answering(job->asked, render), submit_atom_v, std::move(job->request)
  );
}

/// An image that is known to be missing is the caller's mistake; where nobody can tell, the job is
/// taken, and will find out itself.
void check_images(const context_ptr& api, const std::shared_ptr<submission>& job) {
  const auto images = images_of(job->request);
  job->open_checks = images.size();
  for (const auto& image : images) {
    const auto on_answer = [api, job, field = image.field](const result<image_record>& found) {
      if (!found && found.error().kind == error_class::not_found) {
        job->problems.push_back({field, "names an image that does not exist"});
      }
      if (--job->open_checks > 0) {
        return;
      }
      if (job->problems.empty()) {
        hand_in(api, job);
      } else {
        job->asked->to->send(invalid_answer(job->problems));
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
  check_images(api, std::make_shared<submission>(submission{c, std::move(parsed.request), {}, 0}));
}

void submit(const context_ptr& api, const call_ptr& c) {
  if (auto refusal = check_json_body(c->req)) {
    c->to->send(std::move(*refusal));
    return;
  }
  api->actors.run([api, c](bridge_self* self) { read_submission(api, c, self->state.config); });
}

void list(const context_ptr& api, const call_ptr& c) {
  const auto query = parse_job_query(c->req);
  if (!query.problems.empty()) {
    c->to->send(invalid_answer(query.problems));
    return;
  }
  const auto render = [](const job_page& page) { return make_json(200, render_job_page(page)); };
  api->actors.ask<job_page>(&directory::queue, answering(c, render), list_atom_v, query.filter);
}

/// Asks the queue about the one job that the path names.
template <class Atom>
void about_job(const context_ptr& api, const call_ptr& c, Atom what, unsigned status) {
  const auto id = parse_job_id(c->id);
  if (!id) {
    c->to->send(failure_answer({error_class::not_found, "there is no such job", {}}));
    return;
  }
  const auto render = [status](const job& found) { return make_json(status, render_job(found)); };
  api->actors.ask<job>(&directory::queue, answering(c, render), what, *id);
}

void show(const context_ptr& api, const call_ptr& c) {
  about_job(api, c, find_atom_v, 200);
}

void cancel(const context_ptr& api, const call_ptr& c) {
  about_job(api, c, cancel_atom_v, 200);
}

void process(const context_ptr& api, const call_ptr& c) {
  about_job(api, c, process_atom_v, 202);
}

}  // namespace

void add_job_routes(router& to, const context_ptr& api) {
  to.add("POST", "/worker/jobs", with(api, submit));
  to.add("GET", "/worker/jobs", with(api, list));
  to.add("GET", "/worker/jobs/{id}", with(api, show));
  to.add("DELETE", "/worker/jobs/{id}", with(api, cancel));
  to.add("POST", "/worker/jobs/{id}/process", with(api, process));
}

}  // namespace stayler::http
