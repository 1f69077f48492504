// SPDX-License-Identifier: MIT
#include "http/api/answers.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace stayler::http {

namespace {

std::string_view title_of(unsigned status) noexcept {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Internal Server Error";
  }
}

/// What remains of a failure's message; empty where it is meant for callers.
std::string_view plain_words(error_class kind) noexcept {
  switch (kind) {
    case error_class::timeout:
      return "no answer came in time";
    case error_class::connection:
      return "a connection failed";
    case error_class::unavailable:
      return "what this needs is not available for the moment";
    case error_class::server_error:
      return "a server that this needs has failed";
    case error_class::worker_lost:
      return "the worker was lost";
    case error_class::ambiguous_call:
      return "the worker was lost during a call that may have been paid for";
    case error_class::store_full:
      return "a store has no room for more";
    case error_class::authentication:
    case error_class::permission:
      return "access to what this needs was refused";
    case error_class::internal_bug:
      return "an internal error";
    default:
      return {};
  }
}

/// Whole seconds, rounded up, as Retry-After wants them.
std::string retry_seconds(milliseconds wait) {
  return std::to_string(std::max<milliseconds::rep>((wait.count() + 999) / 1000, 1));
}

}  // namespace

unsigned status_of(error_class kind) noexcept {
  switch (kind) {
    case error_class::invalid_input:
      return 400;
    case error_class::authentication:
      return 401;
    case error_class::permission:
      return 403;
    case error_class::not_found:
      return 404;
    case error_class::conflict:
      return 409;
    case error_class::key_reused:
      return 422;
    case error_class::rate_limited:
    case error_class::quota_exceeded:
      return 429;
    case error_class::unavailable:
    case error_class::store_full:
      return 503;
    case error_class::timeout:
      return 504;
    default:
      return 500;
  }
}

failure conceal(failure why) {
  const auto words = plain_words(why.kind);
  return {why.kind, words.empty() ? std::move(why.message) : std::string{words}, why.retry_after};
}

response failure_answer(const failure& why) {
  const failure shown = conceal(why);
  auto answer = refusal_answer(shown);
  answer.cause = shown.message == why.message ? "" : why.message;
  return answer;
}

response refusal_answer(const failure& why) {
  const unsigned status = status_of(why.kind);
  auto answer = make_problem(status, title_of(status), why);
  if (status == 503 || (status == 429 && why.retry_after.count() > 0)) {
    answer.headers.emplace_back("Retry-After", retry_seconds(why.retry_after));
  }
  return answer;
}

response invalid_answer(const std::vector<field_problem>& problems) {
  std::string detail;
  for (const auto& problem : problems) {
    detail.append(detail.empty() ? "" : "; ").append(problem.field).append(" ");
    detail.append(problem.message);
  }
  return make_problem(400, "Bad Request", detail, problems);
}

response no_such_answer(std::string_view kind) {
  return refusal_answer({error_class::not_found, "there is no such " + std::string{kind}});
}

std::string media_type(std::string_view content_type) {
  return to_lower(trim(take_until(content_type, ";")));
}

std::optional<response> check_json_body(const request& req) {
  const auto type = media_type(req.header("content-type").value_or("application/json"));
  if (type == "application/json") {
    return std::nullopt;
  }
  return make_problem(
      415, "Unsupported Media Type", "the body must be application/json, not " + type
  );
}

}  // namespace stayler::http
