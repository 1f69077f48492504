// SPDX-License-Identifier: MIT
#pragma once

// What the routes about jobs have in common.

#include "http/api/json/jobs/job_json.hpp"
#include "http/api/json/jobs/job_query.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_data/user_scope.hpp"

namespace stayler::http {

/// Answers with the page of jobs that the query asks for, of the caller's users.
void list_jobs(const context_ptr& api, const exchange_ptr& exchange, parsed_job_query query);

/// Asks the queue about the one job that the path names, and `more`; `done` gets the answer, as of
/// bridge::ask. 404 where the path names none.
template <class Atom, class Done, class... More>
void ask_about_job(
    const context_ptr& api,
    const exchange_ptr& exchange,
    Atom question,
    const Done& done,
    const More&... more
) {
  if (const auto id = parse_job_id(exchange->id)) {
    api->actors.ask<job>(&actors::directory::queue, done, question, *id, more...);
  } else {
    exchange->send(no_such_answer("job"));
  }
}

/// The same, and answers with the job.
template <class Atom>
void show_job(
    const context_ptr& api, const exchange_ptr& exchange, Atom question, unsigned status
) {
  const auto render = [status, exchange](const job& found) {
    return make_json(status, render_job(show_to(exchange->caller, found)));
  };
  ask_about_job(api, exchange, question, respond_with(exchange, render));
}

}  // namespace stayler::http
