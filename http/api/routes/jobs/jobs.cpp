// SPDX-License-Identifier: MIT

// /worker/jobs, but for submissions

#include "http/api/bulk/dead_letter_groups.hpp"
#include "http/api/routes/jobs/job_requests.hpp"
#include "http/api/routes/user_data/user_scope.hpp"
#include "http/api/validators.hpp"
#include "messages/jobs/job_filter.hpp"

#include <utility>

namespace stayler::http {

namespace {

using actors::directory;

void get_jobs(const context_ptr& api, const exchange_ptr& exchange) {
  list_jobs(api, exchange, parse_job_query(exchange->request));
}

/// Many callers ask for a job again and again until it is done.
void get_job(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [api, exchange](const job& found) {
    const auto service = api->overview->latest();
    const auto shown = render_job(show_to(exchange->caller, found), service.get());
    return unless_known(exchange->request, make_json(200, shown));
  };
  ask_about_job(api, exchange, find_atom_v, respond_with(exchange, render));
}

void cancel_job(const context_ptr& api, const exchange_ptr& exchange) {
  show_job(api, exchange, cancel_atom_v, 200);
}

/// A conflict; where the job is a dead letter, with the way that there is for those.
void refuse_to_process(
    const context_ptr& api, const exchange_ptr& exchange, const failure& reason
) {
  const auto on_answer = [exchange, reason](const result<job>& found) {
    failure refusal = reason;
    if (found && found->status == job_status::failed) {
      refusal.message += "; POST /worker/jobs/" + exchange->id + "/retry tries it again";
    }
    exchange->send(failure_answer(refusal));
  };
  ask_about_job(api, exchange, find_atom_v, on_answer);
}

/// Everybody's jobs are for those to overtake who may do everything.
precedence precedence_for(const caller& caller) {
  const bool is_for_all = caller.role == adapters::caller_role::admin && !caller.is_limited();
  return is_for_all ? precedence::all_jobs : precedence::own_jobs;
}

void process_job(const context_ptr& api, const exchange_ptr& exchange) {
  const auto on_answer = [api, exchange](const result<job>& prioritized) {
    if (prioritized) {
      exchange->send(make_json(202, render_job(show_to(exchange->caller, *prioritized))));
    } else if (prioritized.error().kind == error_class::conflict) {
      refuse_to_process(api, exchange, prioritized.error());
    } else {
      exchange->send(failure_answer(prioritized.error()));
    }
  };
  ask_about_job(api, exchange, process_atom_v, on_answer, precedence_for(exchange->caller));
}

void retry_job(const context_ptr& api, const exchange_ptr& exchange) {
  show_job(api, exchange, retry_atom_v, 202);
}

}  // namespace

void list_jobs(const context_ptr& api, const exchange_ptr& exchange, parsed_job_query query) {
  if (!query.problems.empty()) {
    exchange->send(invalid_answer(query.problems));
    return;
  }
  if (auto refusal = resolve_user_id(exchange->caller, query.filter.user_id)) {
    exchange->send(std::move(*refusal));
    return;
  }
  const auto render = [api, exchange, group = query.group](job_page& page) {
    for (job& each : page.jobs) {
      each = show_to(exchange->caller, std::move(each));
    }
    // A store does not know it: the page is shorter, and names the next one.
    std::erase_if(page.jobs, [&group](const job& each) {
      return !group.empty() && group_of(each.error) != group;
    });
    const auto service = api->overview->latest();
    return make_json(200, render_job_page(page, service.get()));
  };
  api->actors.ask<job_page>(
      &directory::queue, respond_with(exchange, render), list_atom_v, std::move(query.filter)
  );
}

void add_job_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/worker/jobs", bind_context(api, get_jobs));
  routes.add("GET", "/worker/jobs/{id}", bind_context(api, get_job));
  routes.add("DELETE", "/worker/jobs/{id}", bind_context(api, cancel_job));
  routes.add("POST", "/worker/jobs/{id}/process", bind_context(api, process_job));
  routes.add("POST", "/worker/jobs/{id}/retry", bind_context(api, retry_job));
}

}  // namespace stayler::http
