// SPDX-License-Identifier: MIT

#include "adapters/s3/s3_refusal.hpp"

#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

namespace stayler::adapters {

namespace {

using namespace std::chrono_literals;

/// 1994-11-06T08:49:37Z, which "Sun, 06 Nov 1994 08:49:37 GMT" names.
constexpr timestamp example_date{784'111'777s};

http_response answer_of(std::uint32_t status, const std::string& code) {
  http_response answer;
  answer.status = status;
  answer.headers = {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}};
  answer.body = code.empty() ? "" : "<Error><Code>" + code + "</Code></Error>";
  return answer;
}

}  // namespace

TEST_CASE("what a store says of keys, rights and clocks is an outage; what is missing is not") {
  struct expectation {
    std::uint32_t status;
    std::string code;
    error_class kind;
    bool may_pass;
    bool is_about_credentials;
  };
  using enum error_class;
  const auto row = GENERATE(values<expectation>({
      {404, "NoSuchKey", not_found, false, false},
      {404, "NoSuchUpload", not_found, false, false},
      {404, "NoSuchBucket", unavailable, false, false},
      {404, "", unavailable, false, false},
      {416, "InvalidRange", invalid_input, false, false},
      {400, "ExpiredToken", unavailable, false, true},
      {403, "ExpiredToken", unavailable, false, true},
      {400, "InvalidToken", unavailable, false, true},
      {400, "TokenRefreshRequired", unavailable, false, true},
      {403, "InvalidAccessKeyId", unavailable, false, true},
      {403, "SignatureDoesNotMatch", unavailable, false, true},
      {401, "", unavailable, false, true},
      {403, "AccessDenied", unavailable, false, false},
      {403, "AllAccessDisabled", unavailable, false, false},
      {403, "RequestTimeTooSkewed", unavailable, false, false},
      {503, "SlowDown", unavailable, true, false},
      {429, "", unavailable, true, false},
      {500, "InternalError", unavailable, true, false},
      {400, "RequestTimeout", unavailable, true, false},
      {400, "XAmzContentSHA256Mismatch", unavailable, true, false},
      {301, "PermanentRedirect", unavailable, false, false},
      {400, "InvalidRequest", unavailable, false, false},
  }));
  INFO(row.status << " " << row.code);
  const auto read = read_s3_refusal(answer_of(row.status, row.code), example_date);
  CHECK(read.why.kind == row.kind);
  CHECK(read.may_pass == row.may_pass);
  CHECK(read.is_about_credentials == row.is_about_credentials);
  CHECK(read.why.message.starts_with(std::to_string(row.status)));
  CHECK(read.why.message.find(row.code) != std::string::npos);
}

TEST_CASE("a clock that is wrong is told by how much, from the store's Date") {
  const auto told = [](http_response answer, milliseconds off) {
    return read_s3_refusal(answer, example_date + off).why.message;
  };
  auto skewed = answer_of(403, "RequestTimeTooSkewed");
  CHECK(
      told(skewed, 20min)
      == "403 RequestTimeTooSkewed: this machine's clock is 20 minutes ahead of the store's"
  );
  CHECK(
      told(skewed, -(5h + 30min + 400ms))
      == "403 RequestTimeTooSkewed: this machine's clock is 5 hours behind the store's"
  );
  skewed.headers = {{"date", "yesterday"}};
  CHECK(
      told(skewed, 0ms).ends_with(": the clocks of this machine and of the store are too far apart")
  );
}

TEST_CASE("a code that cannot be printed is not shown as it is") {
  const auto read = read_s3_refusal(answer_of(403, "Odd\n\x1b[31m" + std::string(100, 'x')), {});
  CHECK(read.why.message.size() < 100);
  CHECK(read.why.message.find('\n') == std::string::npos);
}

}  // namespace stayler::adapters
