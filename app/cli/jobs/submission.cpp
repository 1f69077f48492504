// SPDX-License-Identifier: MIT
#include "app/cli/jobs/submission.hpp"

#include "app/cli/jobs/picture_source.hpp"

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
  for (const auto& [flag, member] : picture_members) {
    if (const auto picture = given.value(flag)) {
      static_cast<void>(is_picture_file(*picture));
    }
  }
}

}  // namespace

job_request read_submission(const parsed_line& given, timestamp now) {
  job_request request;
  request.type = given.value("type").value_or("image_conversion");
  check_pictures(given, request.type == "image_processing");
  request.conversion = given.value("conversion").value_or("");
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
    request.run_at = read_run_at(*at, now);
  }
  if (given.has("retries")) {
    request.retries = number_of_flag(given, "retries", 0, 0, 1000);
  }
  request.timeout = given.value("job-timeout").value_or("");
  return request;
}

void store_pictures(
    command_context& context,
    progress_display& display,
    const parsed_line& given,
    job_request& request
) {
  for (const auto& [flag, member] : picture_members) {
    if (const auto picture = given.value(flag)) {
      request.*member = picture_source(context, display, *picture, request.user);
    }
  }
}

api_answer submit_job(
    command_context& context, const std::string& body, const std::string& idempotency_key
) {
  return context.api().ask(
      {.method = "POST",
       .path = "/worker/jobs",
       .body = body,
       .headers = {{"Idempotency-Key", idempotency_key}},
       .is_repeatable = true},
      "cannot submit the job"
  );
}

}  // namespace stayler::cli
