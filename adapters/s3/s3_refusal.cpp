// SPDX-License-Identifier: MIT
#include "adapters/s3/s3_refusal.hpp"

#include "adapters/http_client/retry_after.hpp"
#include "adapters/s3/s3_xml.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace stayler::adapters {

namespace {

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

error_class class_of(std::uint32_t status, std::string_view code) {
  if (status == 404 && is_any_of(code, {"NoSuchKey", "NoSuchUpload"})) {
    return error_class::not_found;
  }
  if (status == 412) {
    return error_class::conflict;
  }
  return status == 416 ? error_class::invalid_input : error_class::unavailable;
}

bool passes(std::uint32_t status, std::string_view code) {
  // The last two say that the body was damaged on its way.
  return status >= 500 || status == 429 || status == 408
         || is_any_of(
             code, {"SlowDown", "RequestTimeout", "InternalError", "OperationAborted", "BadDigest",
                    "XAmzContentSHA256Mismatch"}
         );
}

/// The status differs: AWS says ExpiredToken with 400, others with 403.
bool is_about_the_key(std::uint32_t status, std::string_view code) {
  return status == 401
         || is_any_of(
             code, {"ExpiredToken", "TokenRefreshRequired", "InvalidToken", "InvalidTokenId",
                    "InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch"}
         );
}

/// The store's code as a message may show it.
std::string printable(std::string code) {
  code.resize(std::min<std::size_t>(code.size(), 64));
  std::erase_if(code, [](char c) { return c < '!' || c > '~'; });
  return code;
}

/// About so long: stores mind a quarter of an hour and more.
std::string in_words(milliseconds time) {
  const auto minutes = std::chrono::round<std::chrono::minutes>(time).count();
  return minutes < 120            ? std::to_string(minutes) + " minutes"
         : minutes < 2L * 24 * 60 ? std::to_string(minutes / 60) + " hours"
                                  : std::to_string(minutes / (24L * 60)) + " days";
}

std::string words_about_clocks(const http_response& answer, timestamp now) {
  const auto theirs = parse_http_date(answer.header("date"));
  if (!theirs) {
    return "the clocks of this machine and of the store are too far apart";
  }
  const milliseconds apart = *theirs - now;
  return "this machine's clock is " + in_words(abs(apart))
         + (apart.count() > 0 ? " behind" : " ahead of") + " the store's";
}

/// What to do about it, or "".
std::string hint(const http_response& answer, std::string_view code, timestamp now) {
  if (code == "RequestTimeTooSkewed") {
    return words_about_clocks(answer, now);
  }
  if (is_any_of(code, {"ExpiredToken", "TokenRefreshRequired"})) {
    return "the session token has ended";
  }
  if (is_about_the_key(answer.status, code)) {
    return "the store does not know this key, or it is another one there";
  }
  return answer.status == 403 ? "the key lacks a right" : "";
}

}  // namespace

s3_refusal read_s3_refusal(const http_response& answer, timestamp now) {
  const std::string code = printable(xml_text(answer.body, "Code"));
  std::string message = std::to_string(answer.status);
  message += code.empty() ? "" : " " + code;
  const std::string advice = hint(answer, code, now);
  message += advice.empty() ? "" : ": " + advice;
  return {
      {class_of(answer.status, code), std::move(message)},
      passes(answer.status, code),
      is_about_the_key(answer.status, code)};
}

}  // namespace stayler::adapters
