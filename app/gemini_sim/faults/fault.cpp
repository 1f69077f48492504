// SPDX-License-Identifier: MIT
#include "app/gemini_sim/faults/fault.hpp"

#include "messages/base/duration.hpp"

#include <algorithm>
#include <array>

namespace stayler::sim {

namespace {

using enum fault_effect;

constexpr std::string_view per_minute = "GenerateRequestsPerMinutePerProjectPerModel";
constexpr std::string_view per_day = "GenerateRequestsPerDayPerProjectPerModel";
constexpr std::string_view quota_message =
    "You exceeded your current quota, please check your plan and billing details.";

constexpr std::array<fault_kind, 42> kinds{{
    {"400", error, 400, "INVALID_ARGUMENT", "Request contains an invalid argument."},
    {"400-region", error, 400, "FAILED_PRECONDITION",
     "User location is not supported for the API use."},
    {"401", error, 401, "UNAUTHENTICATED",
     "Request had invalid authentication credentials. Expected OAuth 2 access token."},
    {"402", error, 402, "RESOURCE_EXHAUSTED", "Your prepaid credits are depleted."},
    {"403", error, 403, "PERMISSION_DENIED",
     "Requests to this API generativelanguage.googleapis.com are blocked."},
    {"404", error, 404, "NOT_FOUND", "Requested entity was not found."},
    {"408", error, 408, "DEADLINE_EXCEEDED", "The request timed out."},
    {"413", error, 413, "INVALID_ARGUMENT", "Request payload size exceeds the limit."},
    {"429", error, 429, "RESOURCE_EXHAUSTED", quota_message},
    {"429-bare", error, 429, "RESOURCE_EXHAUSTED",
     "Resource has been exhausted (e.g. check quota)."},
    {"quota", error, 429, "RESOURCE_EXHAUSTED", quota_message},
    {"quota-zero", error, 429, "RESOURCE_EXHAUSTED", quota_message},
    {"499", error, 499, "CANCELLED", "The operation was cancelled."},
    {"500", error, 500, "INTERNAL", "An internal error has occurred. Please retry."},
    {"502", error, 502, "UNAVAILABLE", "Bad gateway."},
    {"503", error, 503, "UNAVAILABLE", "The model is overloaded. Please try again later."},
    {"504", error, 504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."},
    {"502-html", html, 502, "", ""},
    {"latency", delay, 200, "", ""},
    {"slow-body", slow_body, 200, "", ""},
    {"hang", hang, 0, "", ""},
    {"reset", reset, 0, "", ""},
    {"truncate", truncate, 200, "", ""},
    {"broken-json", broken_json, 200, "", ""},
    {"finish", no_picture, 200, "OTHER", "Unable to show the generated image."},
    {"safety", no_picture, 200, "IMAGE_SAFETY",
     "Unable to show the generated image. The image was filtered out because it violated the "
     "policies. You will not be charged for blocked images. Try rephrasing the prompt."},
    {"prohibited", no_picture, 200, "IMAGE_PROHIBITED_CONTENT",
     "Unable to show the generated image. It may hold prohibited content."},
    {"recitation", no_picture, 200, "IMAGE_RECITATION",
     "Unable to show the generated image. It is too close to an existing one."},
    {"image-other", no_picture, 200, "IMAGE_OTHER",
     "Unable to show the generated image. Try rephrasing the prompt."},
    {"no-image-reason", no_picture, 200, "NO_IMAGE", "No image was generated."},
    {"max-tokens", no_picture, 200, "MAX_TOKENS", ""},
    {"malformed-response", no_picture, 200, "MALFORMED_RESPONSE", "The response was malformed."},
    {"language", no_picture, 200, "LANGUAGE", "The language is not supported."},
    {"no-image", text_only, 200, "STOP", ""},
    {"prompt-block", prompt_block, 200, "PROHIBITED_CONTENT", ""},
    {"empty-candidates", no_candidates, 200, "", ""},
    {"bad-image", bad_image, 200, "STOP", ""},
    {"flat-image", flat_image, 200, "STOP", ""},
    {"echo-image", echo_image, 200, "STOP", ""},
    {"tiny-image", tiny_image, 200, "STOP", ""},
    {"thought-only", thought_only, 200, "STOP", ""},
    {"thought-then-image", draft_first, 200, "STOP", ""},
}};

std::string names_of_kinds() {
  std::string names;
  for (const auto& kind : kinds) {
    names += (names.empty() ? "" : ", ") + std::string{kind.name};
  }
  return names;
}

}  // namespace

std::span<const fault_kind> fault_kinds() noexcept {
  return kinds;
}

result<fault> parse_fault(std::string_view text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  const auto* kind = std::ranges::find(kinds, name, &fault_kind::name);
  if (kind == kinds.end()) {
    return failure{
        error_class::invalid_input,
        "no fault is called \"" + std::string{name} + "\"; there are: " + names_of_kinds()};
  }
  fault parsed{kind, {}, {}, {}};
  const auto argument = equals == std::string_view::npos ? "" : text.substr(equals + 1);
  if (kind->effect == delay || kind->effect == slow_body) {
    const auto duration = parse_duration(argument.empty() ? "1s" : argument);
    if (!duration) {
      return duration.error();
    }
    parsed.duration = *duration;
  } else if (kind->effect == no_picture || kind->effect == prompt_block) {
    parsed.code = argument;
  } else if (!argument.empty()) {
    return failure{error_class::invalid_input, std::string{name} + " takes no value"};
  }
  return parsed;
}

google_error quota_error(
    std::string_view quota_id, std::string_view model, unsigned long limit, milliseconds retry_delay
) {
  const std::string message =
      std::string{quota_message} + " Please retry in " + format_duration(retry_delay) + '.';
  return {
      429,
      "RESOURCE_EXHAUSTED",
      message,
      {quota_failure(quota_id, model, limit), retry_info(retry_delay)}};
}

google_error to_error(const fault& what, std::string_view model) {
  const auto name = what.kind->name;
  if (name == "429") {
    return quota_error(per_minute, model, 10, what.retry_delay.value_or(milliseconds{2'000}));
  }
  if (name == "quota") {
    // The short delay is as misleading as in the real service.
    return quota_error(per_day, model, 250, what.retry_delay.value_or(milliseconds{18'000}));
  }
  if (name == "quota-zero") {
    return quota_error(per_minute, model, 0, what.retry_delay.value_or(milliseconds{30'000}));
  }
  google_error error{
      what.kind->http_status, std::string{what.kind->code}, std::string{what.kind->message}, {}};
  if (name == "401") {
    error.details.push_back(error_info("ACCESS_TOKEN_TYPE_UNSUPPORTED"));
  } else if (name == "403") {
    error.details.push_back(error_info("API_KEY_SERVICE_BLOCKED"));
  }
  if (what.retry_delay) {
    error.details.push_back(retry_info(*what.retry_delay));
  }
  return error;
}

}  // namespace stayler::sim
