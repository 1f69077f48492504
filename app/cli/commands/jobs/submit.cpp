// SPDX-License-Identifier: MIT
#include "app/cli/commands/jobs/submit.hpp"

#include "app/cli/batch/batch_run.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/jobs/job_following.hpp"
#include "app/cli/jobs/job_ids.hpp"
#include "app/cli/jobs/picture_source.hpp"
#include "app/cli/jobs/submission.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/progress_display.hpp"
#include "app/cli/output/result_file.hpp"
#include "app/cli/programs/picture_viewer.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

/// The job is done, and paid: that nothing can show its picture here is no failure.
void open_result(
    command_context& context, const adapters::json_value& job, const std::string& written
) {
  const auto id = text_of(job, "id");
  const auto file = written.empty() ? temporary_picture(context, id, job) : written;
  if (written.empty()) {
    save_image(context, text_of(job, "result.imageId"), file, 0600);
  }
  if (!open_picture(file)) {
    context.out.note("nothing opens pictures here (xdg-open is missing); it is in " + file);
  }
}

int report(command_context& context, const api_answer& answer) {
  const auto job = answer.json();
  const auto image = text_of(job, "result.imageId");
  if (context.out.is_json()) {
    context.print_json(answer.body);
  }
  expect_completed(job);
  context.out.note(fmt::format("job {} is completed: {}", text_of(job, "id"), describe_effort(job))
  );
  const auto file = context.given.value("output");
  if (file) {
    download_image(context, image, *file);
  }
  if (!context.out.is_json() && (!file || *file != "-")) {
    context.out.print(file ? *file : image);
  }
  if (context.given.has("open")) {
    open_result(context, job, file.value_or(""));
  } else if (!file) {
    context.out.note("the picture: stayler image get " + image + " -o FILE");
  }
  return 0;
}

int run_one(command_context& context) {
  auto request = read_submission(context.given, command_context::now());
  if (request.conversion.empty() && request.type != "image_processing") {
    request.conversion = "cli-" + fresh_id();
  }
  // What is wrong with the flags is said before anything is sent.
  static_cast<void>(render_job_request(request));
  if (const auto file = context.given.value("output")) {
    expect_writable(context.out, *file);
  }
  request.user = current_user(context);
  {
    progress_display display{context.out};
    store_pictures(context, display, context.given, request);
  }
  const auto submitted = submit_job(
      context, render_job_request(request),
      context.given.value("idempotency-key").value_or("cli-" + fresh_id())
  );
  const auto id = text_of(submitted.json(), "id");
  if (context.given.has("detach")) {
    context.out.is_json() ? context.print_json(submitted.body) : context.out.print(id);
    context.out.note("follow it by stayler watch " + id);
    return 0;
  }
  context.out.note("job " + id);
  return report(context, follow_job(context, id));
}

int run_submit(command_context& context) {
  if (context.given.has("open")
      && (context.given.has("detach") || context.given.value("output") == "-")) {
    refuse_usage(
        "cannot open the picture", "there is none, or it goes to stdout", "leave out --open"
    );
  }
  return context.given.has("batch") ? run_batch(context) : run_one(context);
}

std::vector<flag_spec> picture_flags() {
  return {
      {.names = "--person",
       .value = "PICTURE",
       .meaning = "the person: a file, the id of a stored picture, or a URL",
       .completes = completion::file},
      {.names = "--garment",
       .value = "PICTURE",
       .meaning = "the garment, the same",
       .completes = completion::file},
      {.names = "-o, --output",
       .value = "FILE",
       .meaning = "write the result there; - is stdout; with --batch a folder for all",
       .completes = completion::file},
      {.names = "--user",
       .value = "USER",
       .meaning = "whose job it is; usually the profile's user, the key's, or your login name"},
      {.names = "--conversion", .value = "ID", .meaning = "the conversion; usually a new one"},
  };
}

std::vector<flag_spec> wish_flags() {
  return {
      {.names = "--style", .value = "TEXT", .meaning = "the wanted style, such as casual"},
      {.names = "--quality",
       .value = "QUALITY",
       .meaning = "high makes a larger picture",
       .choices = {"draft", "standard", "high"},
       .completes = completion::choices},
      {.names = "--prompt", .value = "TEXT", .meaning = "a further wish"},
      {.names = "--aspect", .value = "RATIO", .meaning = "width to height, such as 3:4"},
      {.names = "--format",
       .value = "FORMAT",
       .meaning = "how the result is stored",
       .choices = {"jpeg", "png", "webp"},
       .completes = completion::choices},
      {.names = "--no-cache", .value = "", .meaning = "a new picture, also of a known request"},
  };
}

std::vector<flag_spec> running_flags() {
  return {
      {.names = "--priority",
       .value = "LEVEL",
       .meaning = "low, normal, high, urgent, or 1 to 20",
       .choices = {},
       .completes = completion::nothing},
      {.names = "--urgency",
       .value = "URGENCY",
       .meaning = "low: it can wait, and costs half",
       .choices = {"normal", "low"},
       .completes = completion::choices},
      {.names = "--at", .value = "TIME", .meaning = "not before then: 10m (from now), or a time"},
      {.names = "--retries", .value = "N", .meaning = "how often it is tried again"},
      {.names = "--job-timeout", .value = "TIME", .meaning = "the longest time for one attempt"},
      {.names = "--idempotency-key",
       .value = "KEY",
       .meaning = "your name for this submission: again under the same one, it is the same job"},
      {.names = "--open", .value = "", .meaning = "open the picture when it is done"},
      {.names = "--batch",
       .value = "FILE",
       .meaning = "submit a job for each row of a file, CSV or JSON lines; - is stdin",
       .completes = completion::file},
      {.names = "--results",
       .value = "FILE",
       .meaning = "of --batch: what has become of each job; usually FILE.results.jsonl",
       .completes = completion::file},
      {.names = "-d, --detach", .value = "", .meaning = "print the job's id and do not wait"},
      {.names = "--wait",
       .value = "TIME",
       .meaning = "wait so long at most, then end with exit code 8; the job goes on"},
      {.names = "--type",
       .value = "TYPE",
       .meaning = "the type of job",
       .choices = {"image_conversion", "image_processing"},
       .completes = completion::choices},
      {.names = "--image",
       .value = "PICTURE",
       .meaning = "of image_processing: the picture",
       .completes = completion::file},
      {.names = "--operation",
       .value = "WHAT",
       .meaning = "of image_processing, again for each: resize:800x600[:cover], thumbnail:256, "
                  "convert:webp[:80], strip",
       .may_repeat = true},
  };
}

}  // namespace

command_spec submit_spec() {
  std::vector<flag_spec> flags = picture_flags();
  for (const auto& more : {wish_flags(), running_flags()}) {
    flags.insert(flags.end(), more.begin(), more.end());
  }
  return {
      .name = "submit",
      .summary = "put a garment on a person: upload, submit, wait, write the picture",
      .description =
          "Pictures that are files are uploaded first. On a terminal a bar shows how far the job "
          "is; elsewhere stderr has a line for each stage. stdout has the result's file, or its "
          "id without -o, or with --detach the job's id. Ctrl-C ends the waiting, not the job. "
          "--batch takes a CSV file whose first line names its columns, or a JSON object a line: "
          "person, garment, output and other flags by their names; the flags of the command line "
          "are for all rows that say nothing else. stdout has a line for each job that has ended, "
          "and the results file what is known of each. Said again after an interruption it goes on "
          "there, and submits no row twice: a row is the same while it says the same.",
      .role = "submitter",
      .flags = std::move(flags),
      .examples =
          {"stayler submit --person me.jpg --garment coat.png -o out.jpg",
           "stayler submit --person me.jpg --garment coat.png --detach",
           "stayler submit --batch jobs.csv --garment coat.png -o results",
           "stayler submit --type image_processing --image a.png --operation convert:webp -o "
           "a.webp"},
      .run = &run_submit};
}

}  // namespace stayler::cli
