// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/filters/filter_flags.hpp"
#include "app/cli/jobs/bulk_change.hpp"
#include "app/cli/jobs/job_ids.hpp"
#include "app/cli/jobs/job_pages.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stayler::cli {

namespace {

int run_dead_list(command_context& context) {
  return list_jobs(context, "/worker/dead-letters");
}

int run_dead_groups(command_context& context) {
  const auto filter = filter_of(context, context.given.arguments);
  auto query = as_query(filter);
  const auto answer = context.api().ask(
      {.path = "/worker/dead-letters/groups" + (query.empty() ? "" : "?" + query.substr(1))},
      "cannot group the dead letters"
  );
  if (context.out.is_json()) {
    context.print_json(answer.body, "groups");
    return 0;
  }
  const auto page = answer.json();
  text_table table{{"group", "count", "class", "first", "last", "message"}};
  for (const auto& group : list_of(page, "groups")) {
    table.add(
        {{text_of(group, "group")},
         {text_of(group, "count")},
         {text_of(group, "errorClass")},
         {context.time(text_of(group, "first"))},
         {context.time(text_of(group, "last"))},
         {text_of(group, "message")}}
    );
  }
  if (table.is_empty()) {
    context.out.note("there are no dead letters");
    return 0;
  }
  context.out.print(table.render(context.out));
  context.out.note("stayler dead retry group:ID tries those of one group again");
  if (!flag_of(page, "isComplete")) {
    context.out.note(fmt::format("only the newest {} were looked at", count_of(page, "looked")));
  }
  return 0;
}

/// Ids are a filter, too, where there is one of them.
int change_dead_letters(command_context& context, const std::string& action) {
  std::vector<std::string> words = context.given.arguments;
  for (auto& word : words) {
    if (!is_filter_word(word)) {
      word = "id:" + find_job_id(context, word);
    }
  }
  if (std::ranges::count_if(words, [](const auto& word) { return word.starts_with("id:"); }) > 1) {
    refuse_usage(
        "cannot " + action + " several ids at once", "a filter has one id at most",
        "stayler retry ID... takes several; dead drop takes one, or a filter"
    );
  }
  bulk_change change{.action = action, .cannot_be_undone = action == "drop"};
  change.filter = filter_of(context, words);
  if (change.filter.is_empty() && !context.given.has("all")) {
    refuse_usage(
        "cannot tell which dead letters to " + action, "no filter is given",
        fmt::format("stayler dead {} group:ID, class:timeout, or --all", action)
    );
  }
  return change_many(context, change);
}

int run_dead_retry(command_context& context) {
  return change_dead_letters(context, "retry");
}

int run_dead_drop(command_context& context) {
  return change_dead_letters(context, "drop");
}

argument_spec which_argument() {
  auto argument = filter_argument();
  argument.name = "ID|FILTER";
  argument.meaning = "a job's id, or filter words: class:timeout, group:ID, ...";
  return argument;
}

}  // namespace

std::vector<command_spec> dead_letter_commands() {
  return {
      {.name = "dead",
       .summary = "list dead letters: jobs that have failed for good",
       .role = "viewer",
       .arguments = {filter_argument()},
       .flags = job_list_flags(),
       .examples = {"stayler dead class:timeout since:1h"},
       .run = &run_dead_list},
      {.name = "dead list",
       .summary = "the same as stayler dead",
       .role = "viewer",
       .arguments = {filter_argument()},
       .flags = job_list_flags(),
       .run = &run_dead_list},
      {.name = "dead groups",
       .summary = "sort dead letters by what they died of",
       .role = "viewer",
       .arguments = {filter_argument()},
       .flags = filter_flags(),
       .run = &run_dead_groups},
      {.name = "dead retry",
       .summary = "try dead letters again, after a preview",
       .role = "submitter",
       .arguments = {which_argument()},
       .flags = bulk_flags(),
       .examples = {"stayler dead retry group:9f2c41d07ab35e18 --rate 60"},
       .run = &run_dead_retry},
      {.name = "dead drop",
       .summary = "remove dead letters for good, after a preview that asks for their number",
       .role = "admin",
       .arguments = {which_argument()},
       .flags = bulk_flags(),
       .examples = {"stayler dead drop class:invalid_input before:2026-11-01 --dry-run"},
       .run = &run_dead_drop},
  };
}

}  // namespace stayler::cli
