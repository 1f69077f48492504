// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/web_hook_delivery.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/http_client/retry_after.hpp"
#include "adapters/notification_channel/notification_json.hpp"
#include "adapters/tracing/trace_headers.hpp"
#include "adapters/url_rules/url_rules.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

namespace stayler::adapters {

namespace {

/// "v1,BASE64 v1,BASE64": a receiver takes the signature by the key that it has.
std::string signatures_of(const std::vector<std::string>& keys, const std::string& signed_text) {
  std::string all;
  for (const std::string& key : keys) {
    all += all.empty() ? "v1," : " v1,";
    all += base64_encode(hmac_sha256(key, signed_text));
  }
  return all;
}

struct answer_meaning {
  delivery_problem problem;
  error_class kind;
  std::string words;
};

std::string words_for_redirect(const std::string& url, const http_response& response) {
  // The path stays untold: it may be what lets one post there.
  const std::string to = origin_of(std::string{response.header("location")}, url);
  const std::string where = to.empty()             ? "elsewhere"
                            : to == origin_of(url) ? "another path of its own"
                                                   : to;
  return "the receiver redirects to " + where + ": set the new address, redirects are not followed";
}

answer_meaning meaning_of(const std::string& url, const http_response& response) {
  using enum delivery_problem;
  const std::uint32_t status = response.status;
  if (status >= 300 && status < 400) {
    return {redirect, error_class::invalid_input, words_for_redirect(url, response)};
  }
  switch (status) {
    case 401:
    case 403:
      return {
          refused, status == 401 ? error_class::authentication : error_class::permission,
          "the receiver refuses the signature or asks for a login"};
    case 404:
      return {not_found, error_class::not_found, "the receiver has nothing at this address"};
    case 408:
      return {timeout, error_class::timeout, "the receiver has not read the request in time"};
    case 410:
      return {gone, error_class::not_found, "the receiver wants no more notifications"};
    case 429:
      return {rate_limited, error_class::rate_limited, "the receiver asks for fewer deliveries"};
    default:
      break;
  }
  return status >= 500
             ? answer_meaning{failing, error_class::unavailable, "the receiver fails"}
             : answer_meaning{
                 rejected, error_class::invalid_input, "the receiver does not take this request"};
}

delivery_result read_error(const http_error& error) {
  // The client's own words name addresses; what is refused is a private one of a job's host.
  if (error.error.kind == error_class::permission) {
    return {delivery_problem::not_allowed, error.error};
  }
  return error.error;
}

}  // namespace

http_request make_web_hook_request(
    const std::string& url,
    const notification& event,
    const std::vector<std::string>& keys,
    milliseconds timeout
) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
  auto body = to_json(event);
  http_request request;
  request.method = "POST";
  request.url = url;
  request.timeout = timeout;
  request.headers = {
      {"content-type", "application/json"},
      {"webhook-id", event.event_id},
      {"webhook-timestamp", seconds},
  };
  if (!keys.empty()) {
    request.headers.emplace_back(
        "webhook-signature", signatures_of(keys, event.event_id + '.' + seconds + '.' + body)
    );
  }
  add_trace_headers(event.trace, request.headers);
  request.body = make_string_body(std::move(body));
  return request;
}

delivery_result read_web_hook_answer(
    const std::string& url, const std::variant<http_response, http_error>& outcome
) {
  if (const auto* error = std::get_if<http_error>(&outcome)) {
    return read_error(*error);
  }
  const auto& response = std::get<http_response>(outcome);
  if (response.status >= 200 && response.status < 300) {
    return {};
  }
  auto [problem, kind, words] = meaning_of(url, response);
  return {problem, {kind, fmt::format("{} ({})", words, response.status), retry_after(response)}};
}

}  // namespace stayler::adapters
