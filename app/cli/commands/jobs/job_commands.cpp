// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/commands/jobs/submit.hpp"
#include "app/cli/filters/filter_flags.hpp"
#include "app/cli/jobs/job_following.hpp"
#include "app/cli/jobs/job_ids.hpp"
#include "app/cli/jobs/job_pages.hpp"
#include "app/cli/jobs/job_texts.hpp"
#include "app/cli/jobs/waiting_texts.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/result_file.hpp"
#include "app/cli/programs/picture_viewer.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

int run_list(command_context& context) {
  return list_jobs(context, "/worker/jobs");
}

int show_picture(const command_context& context, const std::string& file) {
  if (!draw_picture(context, file) && !open_picture(file)) {
    throw command_error{
        exit_code::refused, "cannot show the picture", "neither chafa nor xdg-open is here",
        "it is in " + file};
  }
  return 0;
}

/// Downloads a job's picture, and shows it where that is wanted.
int get_picture(command_context& context, const adapters::json_value& job) {
  const auto id = text_of(job, "id");
  const auto image = text_of(job, "result.imageId");
  if (image.empty()) {
    throw command_error{
        exit_code::wrong_state, "job " + id + " has no picture", "it is " + text_of(job, "status"),
        "stayler why " + id + " says more"};
  }
  const bool is_shown = context.given.has("show");
  const auto given = context.given.value("output");
  if (is_shown && !given) {
    const auto file = temporary_picture(context, id, job);
    save_image(context, image, file, 0600);
    return show_picture(context, file);
  }
  const auto file = given.value_or(usual_file_name(image, job));
  download_image(context, image, file);
  return is_shown ? show_picture(context, file) : 0;
}

int run_get(command_context& context) {
  const auto id = find_job_id(context, context.given.arguments.front());
  const auto answer = context.api().ask({.path = "/worker/jobs/" + id}, "cannot show job " + id);
  const auto job = answer.json();
  if (context.given.has("image") || context.given.has("show")) {
    return get_picture(context, job);
  }
  context.out.is_json() ? context.print_json(answer.body)
                        : context.out.print(render_job(context, job));
  return 0;
}

int run_watch(command_context& context) {
  int code = 0;
  for (const auto& given : context.given.arguments) {
    const auto id = find_job_id(context, given);
    const auto answer = follow_job(context, id);
    const auto job = answer.json();
    if (context.out.is_json()) {
      context.print_json(answer.body);
    } else {
      context.out.print(fmt::format(
          "{}  {}  {}", id,
          context.out.paint(colour_of_status(text_of(job, "status")), text_of(job, "status")),
          describe_effort(job)
      ));
    }
    if (text_of(job, "status") != "completed") {
      code = static_cast<int>(exit_code::job_failed);
      if (context.given.arguments.size() == 1) {
        expect_completed(job);
      }
    }
  }
  return code;
}

int run_why(command_context& context) {
  const auto id = find_job_id(context, context.given.arguments.front());
  const auto answer = context.api().ask({.path = "/worker/jobs/" + id}, "cannot show job " + id);
  if (context.out.is_json()) {
    context.print_json(answer.body);
    return 0;
  }
  const auto job = answer.json();
  const auto explained = explain_job(job, command_context::now());
  const auto status = text_of(job, "status");
  std::string text = fmt::format(
      "Job {} is {}.\n{}", id, context.out.paint(colour_of_status(status), status), explained.what
  );
  for (const auto& fact : explained.facts) {
    text += "\n  " + safe_text(fact);
  }
  if (!explained.next.empty()) {
    text += "\nThe service by itself: " + safe_text(explained.next);
  }
  for (const auto& help : explained.help) {
    text += "\nWhat would help: " + help;
  }
  context.out.print(text);
  return 0;
}

argument_spec job_argument() {
  return {.name = "ID", .meaning = "a job's id, or the beginning of one", .is_required = true};
}

flag_spec wait_flag() {
  return {
      .names = "--wait",
      .value = "TIME",
      .meaning = "wait so long at most, then end with exit code 8; the job goes on"};
}

command_spec get_spec() {
  return {
      .name = "get",
      .summary = "show a job, or download its picture",
      .role = "viewer",
      .arguments = {job_argument()},
      .flags =
          {{.names = "--image", .value = "", .meaning = "download the picture that it has made"},
           {.names = "--show",
            .value = "",
            .meaning = "show it: in the terminal where chafa is installed, else in a window"},
           {.names = "-o, --output",
            .value = "FILE",
            .meaning = "where to; - is stdout",
            .completes = completion::file}},
      .examples = {"stayler get 0198f2", "stayler get 0198f2 --image -o out.jpg"},
      .run = &run_get};
}

}  // namespace

std::vector<command_spec> job_commands() {
  auto watch_argument = job_argument();
  watch_argument.may_repeat = true;
  return {
      submit_spec(),
      {.name = "list",
       .summary = "list jobs, the newest first",
       .role = "viewer",
       .arguments = {filter_argument()},
       .flags = job_list_flags(),
       .examples =
           {"stayler list status:failed since:1h",
            "stayler list user:ann --json=id,status,progress.percent"},
       .run = &run_list},
      get_spec(),
      {.name = "watch",
       .summary = "follow jobs to their end",
       .description =
           "Exit code 3 where one of them fails or is cancelled. Several are followed one after "
           "the other.",
       .role = "viewer",
       .arguments = {watch_argument},
       .flags = {wait_flag()},
       .examples = {"stayler watch 0198f2", "stayler watch 0198f2 --wait 5m"},
       .run = &run_watch},
      {.name = "why",
       .summary = "say why a job waits, or what became of it, and what would help",
       .role = "viewer",
       .arguments = {job_argument()},
       .examples = {"stayler why 0198f2"},
       .run = &run_why},
  };
}

}  // namespace stayler::cli
