// SPDX-License-Identifier: MIT
#include "http/server/message.hpp"

#include "adapters/json/json_writer.hpp"

#include <algorithm>

namespace stayler::http {

namespace {

template <class Pairs>
std::optional<std::string_view> first_of(const Pairs& pairs, std::string_view name) noexcept {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& each) {
    return each.first == name;
  });
  return found == pairs.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

/// The error class that a bare status stands for.
error_class class_of(unsigned status) noexcept {
  switch (status) {
    case 401:
      return error_class::authentication;
    case 403:
      return error_class::permission;
    case 404:
      return error_class::not_found;
    case 408:
    case 504:
      return error_class::timeout;
    case 409:
      return error_class::conflict;
    case 429:
      return error_class::rate_limited;
    case 503:
      return error_class::unavailable;
    default:
      return status < 500 ? error_class::invalid_input : error_class::internal_bug;
  }
}

response render_problem(
    unsigned status,
    std::string_view title,
    const failure& why,
    const std::vector<field_problem>& problems
) {
  adapters::json_writer json;
  json.begin_object();
  json.field("title", title).field("status", status).field("detail", why.message);
  json.field("error", to_string(why.kind)).field("details", why.message);
  if (!problems.empty()) {
    json.key("errors").begin_array();
    for (const auto& problem : problems) {
      json.begin_object().field("field", problem.field).field("message", problem.message);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  response answer;
  answer.status = status;
  answer.headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}};
  answer.body = std::move(json).text();
  return answer;
}

}  // namespace

std::optional<std::string_view> request::header(std::string_view name) const noexcept {
  return first_of(headers, name);
}

std::optional<std::string_view> request::parameter(std::string_view name) const noexcept {
  return first_of(query, name);
}

response make_problem(unsigned status, std::string_view title, std::string_view detail) {
  return make_problem(status, title, detail, {});
}

response make_problem(
    unsigned status,
    std::string_view title,
    std::string_view detail,
    const std::vector<field_problem>& problems
) {
  return render_problem(status, title, {class_of(status), std::string{detail}}, problems);
}

response make_problem(unsigned status, std::string_view title, const failure& why) {
  return render_problem(status, title, why, {});
}

response make_json(unsigned status, std::string body) {
  response answer;
  answer.status = status;
  answer.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  answer.body = std::move(body);
  return answer;
}

}  // namespace stayler::http
