// SPDX-License-Identifier: MIT
#include "adapters/gemini/provider_day.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "adapters/gemini/wire/provider_text.hpp"
#include "adapters/http_client/retry_after.hpp"
#include "adapters/json/json_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace stayler::adapters {

namespace {

/// What an error body says in codes, whatever of it is there.
struct error_body {
  std::uint32_t code = 0;
  std::string status;   ///< the google.rpc code
  std::string message;  ///< for humans
  std::string reason;   ///< ErrorInfo
  std::string field;    ///< the first field of BadRequest
  bool names_no_quota = false;
  bool names_daily_quota = false;
  milliseconds retry_delay{0};
};

std::string_view text_in(const json_value& object, std::string_view name) {
  const auto* member = object.find(name);
  const auto* text = member != nullptr ? member->as<std::string>() : nullptr;
  return text != nullptr ? std::string_view{*text} : std::string_view{};
}

const json_value::array& array_of(const json_value& object, std::string_view name) {
  static const json_value::array empty;
  const auto* member = object.find(name);
  const auto* list = member != nullptr ? member->as<json_value::array>() : nullptr;
  return list != nullptr ? *list : empty;
}

/// Digits and a fraction; nothing else, so that "1e9" or "-1" is none.
std::optional<double> parse_seconds(std::string_view text) {
  const bool is_plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (!is_plain || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return seconds;
}

/// Rounded up, so that nobody comes back too early.
milliseconds parse_proto_duration(std::string_view text) {
  if (!text.ends_with('s')) {
    return milliseconds{0};
  }
  text.remove_suffix(1);
  constexpr std::chrono::duration<double> longest{longest_retry_after};
  const double seconds = std::min(parse_seconds(text).value_or(0), longest.count());
  return milliseconds{std::llround(std::ceil(seconds * 1000))};
}

/// True for a quota that no wait reopens: one of size zero, which means that the project's tier has
/// none of this model.
bool is_no_quota(const json_value& violation) {
  return text_in(violation, "quotaValue") == "0";
}

bool is_daily_quota(const json_value& violation) {
  return text_in(violation, "quotaId").find("PerDay") != std::string_view::npos;
}

milliseconds until_next_day() {
  const timestamp now = to_timestamp(std::chrono::system_clock::now());
  return end_of_provider_day(now) - now;
}

void read_detail(const json_value& detail, error_body& into) {
  const auto type = text_in(detail, "@type");
  if (type.ends_with("/google.rpc.ErrorInfo")) {
    into.reason = text_in(detail, "reason");
  } else if (type.ends_with("/google.rpc.BadRequest")) {
    const auto& violations = array_of(detail, "fieldViolations");
    into.field = violations.empty() ? std::string_view{} : text_in(violations.front(), "field");
  } else if (type.ends_with("/google.rpc.QuotaFailure")) {
    const auto& violations = array_of(detail, "violations");
    into.names_no_quota |= std::any_of(violations.begin(), violations.end(), is_no_quota);
    into.names_daily_quota |= std::any_of(violations.begin(), violations.end(), is_daily_quota);
  } else if (type.ends_with("/google.rpc.RetryInfo")) {
    into.retry_delay =
        std::max(into.retry_delay, parse_proto_duration(text_in(detail, "retryDelay")));
  }
}

std::uint32_t code_of(const json_value& error) {
  const auto* member = error.find("code");
  const auto* code = member != nullptr ? member->as<std::int64_t>() : nullptr;
  return code != nullptr && *code >= 100 && *code <= 599 ? static_cast<std::uint32_t>(*code) : 0;
}

/// An empty body of codes where the text is no error of the provider's, such as a proxy's page.
error_body parse_error_body(std::string_view text) {
  const auto document = parse_json(text);
  if (!document) {
    return {};
  }
  // An answer that would have been a stream without SSE carries its error in an array.
  const auto* list = document->as<json_value::array>();
  const auto& root = list != nullptr && !list->empty() ? list->front() : *document;
  const auto* error = root.find("error");
  if (error == nullptr) {
    return {};
  }
  error_body body;
  body.code = code_of(*error);
  body.status = text_in(*error, "status");
  body.message = text_in(*error, "message");
  for (const auto& detail : array_of(*error, "details")) {
    read_detail(detail, body);
  }
  return body;
}

bool names_bad_key(std::string_view reason) {
  constexpr std::array<std::string_view, 5> reasons{
      "API_KEY_INVALID", "ACCESS_TOKEN_TYPE_UNSUPPORTED", "ACCESS_TOKEN_EXPIRED",
      "ACCOUNT_STATE_INVALID", "CREDENTIALS_MISSING"};
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

error_class class_of_bad_request(const error_body& body) {
  if (names_bad_key(body.reason)) {
    return error_class::authentication;
  }
  return body.status == "FAILED_PRECONDITION" ? error_class::permission
                                              : error_class::invalid_input;
}

/// Statuses that are not in the provider's documentation come from something in between.
error_class class_of_unlisted(std::uint32_t status) {
  if (status >= 500) {
    return error_class::unavailable;
  }
  return status >= 400 ? error_class::invalid_input : error_class::server_error;
}

error_class class_of(std::uint32_t status, const error_body& body) {
  switch (status) {
    case 400:
      return class_of_bad_request(body);
    case 401:
      return error_class::authentication;
    case 402:
      return error_class::quota_exceeded;
    case 403:
      return names_bad_key(body.reason) ? error_class::authentication : error_class::permission;
    case 404:
      return error_class::not_found;
    case 408:
    case 504:
      return error_class::timeout;
    case 413:
      return error_class::invalid_input;
    case 429:
      return body.names_no_quota ? error_class::quota_exceeded : error_class::rate_limited;
    case 499:
      return error_class::cancelled;
    case 500:
      return error_class::server_error;
    case 502:
    case 503:
      return error_class::unavailable;
    default:
      return class_of_unlisted(status);
  }
}

std::string describe(std::uint32_t status, const error_body& body) {
  std::string text = "Gemini answered " + std::to_string(status);
  if (!body.status.empty()) {
    text += ' ' + body.status;
  }
  if (!body.reason.empty()) {
    text += " (" + body.reason + ')';
  }
  if (!body.field.empty()) {
    text += " at " + body.field;
  }
  return readable(body.message.empty() ? text : text + ": " + body.message);
}

}  // namespace

failure classify_error(const http_response& response) {
  const auto body = parse_error_body(response.body);
  // An error that was sent as a 200 still says which status it stands for.
  const bool is_success = response.status >= 200 && response.status < 300;
  const auto status = is_success && body.code != 0 ? body.code : response.status;
  failure error{class_of(status, body), describe(status, body), {}};
  if (error.kind == error_class::quota_exceeded) {
    return error;
  }
  // Beside a quota that is used up for the day the provider still names a wait of seconds.
  const bool is_for_today = error.kind == error_class::rate_limited && body.names_daily_quota;
  error.retry_after =
      is_for_today ? until_next_day() : std::max(body.retry_delay, retry_after(response));
  return error;
}

failure classify_error(const http_error& error) {
  return error.error;
}

}  // namespace stayler::adapters
