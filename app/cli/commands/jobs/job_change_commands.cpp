// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/filters/filter_flags.hpp"
#include "app/cli/jobs/bulk_change.hpp"
#include "app/cli/jobs/job_ids.hpp"
#include "app/cli/output/json_texts.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stayler::cli {

namespace {

/// A change of one job.
struct job_change {
  std::string_view name;    ///< "cancel"
  std::string_view method;  ///< of /worker/jobs/{id}
  std::string_view suffix;
  std::string_view advice;  ///< where the job's state does not allow it
  std::string_view done;    ///< "is cancelled"
};

constexpr job_change cancel_change{
    "cancel", "DELETE", "", "it has ended already: stayler get {} shows how", "is cancelled"};
constexpr job_change retry_change{
    "retry", "POST", "/retry",
    "only dead letters can be retried: stayler list status:failed shows them", "is tried again"};
constexpr job_change next_change{
    "next", "POST", "/process", "it runs or has ended already: stayler get {} shows how far it is",
    "is next"};

/// Changes one job; what it was like then, in JSON.
api_answer change_one(command_context& context, const job_change& change, const std::string& id) {
  try {
    return context.api().ask(
        {.method = std::string{change.method},
         .path = "/worker/jobs/" + id + std::string{change.suffix}},
        fmt::format("cannot {} job {}", change.name == "next" ? "run" : change.name, id)
    );
  } catch (command_error& error) {
    if (error.code == exit_code::wrong_state) {
      error.what_to_do = fmt::format(fmt::runtime(change.advice), id);
    }
    throw;
  }
}

void report_change(
    const command_context& context, const job_change& change, const api_answer& answer
) {
  if (context.out.is_json()) {
    context.print_json(answer.body);
    return;
  }
  const auto job = answer.json();
  const bool may_cost = change.name == "cancel" && flag_of(job, "possiblyBilled");
  context.out.print(fmt::format(
      "job {} {}{}", text_of(job, "id"), change.done,
      may_cost ? "; a call was under way and may be billed" : ""
  ));
  if (change.name != "cancel") {
    context.out.note("follow it: stayler watch " + text_of(job, "id"));
  }
}

/// Changes each of several jobs, and says of each that could not be changed why.
int change_each(command_context& context, const job_change& change) {
  const auto& ids = context.given.arguments;
  std::size_t done = 0;
  int last_code = 0;
  for (const auto& given : ids) {
    try {
      report_change(context, change, change_one(context, change, find_job_id(context, given)));
      ++done;
    } catch (const command_error& error) {
      if (ids.size() == 1) {
        throw;
      }
      last_code = static_cast<int>(error.code);
      context.out.complain(fmt::format("stayler: {}: {}", error.what_failed, error.why));
    }
  }
  return done == ids.size() ? 0 : done == 0 ? last_code : static_cast<int>(exit_code::done_in_part);
}

bool names_jobs(const command_context& context) {
  return !context.given.arguments.empty()
         && std::ranges::none_of(context.given.arguments, &is_filter_word);
}

int change_jobs(command_context& context, const job_change& change) {
  if (names_jobs(context)) {
    return change_each(context, change);
  }
  bulk_change wanted{.action = std::string{change.name}};
  wanted.filter = filter_of(context, context.given.arguments);
  if (wanted.filter.is_empty() && !context.given.has("all")) {
    refuse_usage(
        fmt::format("cannot tell which jobs to {}", change.name),
        "neither ids nor a filter are given",
        fmt::format("stayler {0} ID, stayler {0} user:ann --dry-run, or --all", change.name)
    );
  }
  return change_many(context, wanted);
}

int run_cancel(command_context& context) {
  return change_jobs(context, cancel_change);
}

int run_retry(command_context& context) {
  return change_jobs(context, retry_change);
}

int run_next(command_context& context) {
  return change_each(context, next_change);
}

int run_rerun(command_context& context) {
  const auto id = find_job_id(context, context.given.arguments.front());
  const auto key = context.given.value("idempotency-key").value_or("cli-" + fresh_id());
  api_answer answer;
  try {
    answer = context.api().ask(
        {.method = "POST",
         .path = "/worker/jobs/" + id + "/rerun",
         .headers = {{"Idempotency-Key", key}},
         .is_repeatable = true},
        "cannot run job " + id + " again"
    );
  } catch (command_error& error) {
    if (error.code == exit_code::wrong_state) {
      error.what_to_do = fmt::format("stayler why {} shows how far it is", id);
    }
    throw;
  }
  if (context.out.is_json()) {
    context.print_json(answer.body);
    return 0;
  }
  const auto made = text_of(answer.json(), "id");
  context.out.print(fmt::format("job {} runs again as job {}", id, made));
  context.out.note("follow it: stayler watch " + made);
  return 0;
}

argument_spec jobs_argument() {
  return {
      .name = "ID|FILTER",
      .meaning = "jobs' ids, or filter words: all that match, after a preview",
      .may_repeat = true,
      .completes = completion::job_filter};
}

}  // namespace

std::vector<command_spec> job_change_commands() {
  return {
      {.name = "cancel",
       .summary = "cancel jobs; says whether one may have been paid for",
       .role = "submitter",
       .arguments = {jobs_argument()},
       .flags = bulk_flags(),
       .examples = {"stayler cancel 0198f2", "stayler cancel user:ann status:pending --dry-run"},
       .run = &run_cancel},
      {.name = "retry",
       .summary = "try dead letters again",
       .role = "submitter",
       .arguments = {jobs_argument()},
       .flags = bulk_flags(),
       .examples = {"stayler retry 0198f2", "stayler retry class:timeout since:1h --rate 60"},
       .run = &run_retry},
      {.name = "rerun",
       .summary = "run a job that has ended once more, as a new job",
       .description = "The new job has the inputs of the old one, and names it. A job that is "
                      "completed is not "
                      "answered from the cache: it is paid for again.",
       .role = "submitter",
       .arguments =
           {{.name = "ID",
             .meaning = "a job's id, or the beginning of one",
             .is_required = true,
             .completes = completion::nothing}},
       .flags =
           {{.names = "--idempotency-key",
             .value = "KEY",
             .meaning = "the same key makes no second job; usually a random one"}},
       .examples = {"stayler rerun 0198f2"},
       .run = &run_rerun},
      {.name = "next",
       .summary = "have waiting jobs run next",
       .description = "An admin's go before everybody's, another one's before their user's.",
       .role = "submitter",
       .arguments =
           {{.name = "ID",
             .meaning = "jobs' ids",
             .is_required = true,
             .may_repeat = true,
             .completes = completion::nothing}},
       .run = &run_next},
  };
}

}  // namespace stayler::cli
