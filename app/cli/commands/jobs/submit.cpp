// SPDX-License-Identifier: MIT
#include "app/cli/commands/jobs/submit.hpp"

#include "app/cli/command_context.hpp"
#include "app/cli/jobs/job_following.hpp"
#include "app/cli/jobs/job_request.hpp"
#include "app/cli/jobs/picture_source.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/progress_display.hpp"
#include "app/cli/output/result_file.hpp"
#include "messages/base/uuid.hpp"

#include <fmt/core.h>

#include <array>

namespace stayler::cli {

namespace {

/// The flags of a conversion's options, and their names in JSON.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> option_flags{{
    {"style", "style"},
    {"quality", "quality"},
    {"prompt", "prompt"},
    {"aspect", "aspectRatio"},
    {"format", "outputFormat"},
}};

std::string fresh_id() {
  return to_string(make_uuid_v7(std::chrono::system_clock::now()));
}

void check_pictures(const parsed_line& given, bool is_processing) {
  if (is_processing) {
    if (!given.has("image") || !given.has("operation")) {
      refuse_usage(
          "cannot submit an image_processing job", "it takes --image and --operation",
          "stayler submit --type image_processing --image A.jpg --operation resize:800x600 -o B.jpg"
      );
    }
  } else if (!given.has("person") || !given.has("garment")) {
    refuse_usage(
        "cannot submit a conversion", "it takes a picture of a person and one of a garment",
        "stayler submit --person A.jpg --garment B.jpg -o OUT.jpg"
    );
  }
}

job_request read_request(const command_context& context) {
  const auto& given = context.given;
  job_request request;
  request.type = given.value("type").value_or("image_conversion");
  const bool is_processing = request.type == "image_processing";
  check_pictures(given, is_processing);
  request.conversion = given.value("conversion").value_or(is_processing ? "" : "cli-" + fresh_id());
  for (const auto& [flag, name] : option_flags) {
    if (const auto value = given.value(flag)) {
      request.options.emplace_back(name, *value);
    }
  }
  request.no_cache = given.has("no-cache");
  request.operations = given.values("operation");
  request.priority = given.value("priority").value_or("");
  request.urgency = given.value("urgency").value_or("");
  if (const auto at = given.value("at")) {
    request.run_at = read_run_at(*at, command_context::now());
  }
  if (given.has("retries")) {
    request.retries = context.number("retries", 0, 0, 1000);
  }
  request.timeout = given.value("job-timeout").value_or("");
  return request;
}

void store_pictures(command_context& context, job_request& request) {
  progress_display display{context.out, shows_unicode(context)};
  const auto store = [&](std::string_view flag, std::string& into) {
    if (const auto given = context.given.value(flag)) {
      into = picture_source(context, display, *given, request.user);
    }
  };
  store("person", request.person);
  store("garment", request.garment);
  store("image", request.picture);
}

/// The answer to the submission. It is made again where its answer is lost: under one key it does
/// no harm.
api_answer submit_job(command_context& context, const job_request& request) {
  return context.api().ask(
      {.method = "POST",
       .path = "/worker/jobs",
       .body = render_job_request(request),
       .headers =
           {{"Idempotency-Key",
             context.given.value("idempotency-key").value_or("cli-" + fresh_id())}},
       .is_repeatable = true},
      "cannot submit the job"
  );
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
  if (!file) {
    context.out.note("the picture: stayler image get " + image + " -o FILE");
  }
  return 0;
}

int run_submit(command_context& context) {
  auto request = read_request(context);
  // What is wrong with the flags is said before anything is sent.
  static_cast<void>(render_job_request(request));
  request.user = current_user(context);
  store_pictures(context, request);
  const auto submitted = submit_job(context, request);
  const auto id = text_of(submitted.json(), "id");
  if (context.given.has("detach")) {
    context.out.is_json() ? context.print_json(submitted.body) : context.out.print(id);
    context.out.note("follow it by stayler watch " + id);
    return 0;
  }
  context.out.note("job " + id);
  return report(context, follow_job(context, id));
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
       .meaning = "write the result there; - is stdout",
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
          "id without -o, or with --detach the job's id. Ctrl-C ends the waiting, not the job.",
      .role = "submitter",
      .flags = std::move(flags),
      .examples =
          {"stayler submit --person me.jpg --garment coat.png -o out.jpg",
           "stayler submit --person me.jpg --garment coat.png --detach",
           "stayler submit --type image_processing --image a.png --operation convert:webp -o "
           "a.webp"},
      .run = &run_submit};
}

}  // namespace stayler::cli
