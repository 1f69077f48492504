// SPDX-License-Identifier: MIT

// Every error that the provider documents means what the error table says.

#include "adapters/gemini/provider_day.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/adapters/gemini/gemini_answers.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

namespace {

failure classify(std::uint32_t status, std::string body) {
  return classify_error(http_response{status, {}, std::move(body)});
}

std::string error_info(std::string_view reason) {
  return R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":")" + std::string{reason}
         + R"(","domain":"googleapis.com","metadata":{"service":"x"}})";
}

std::string quota(std::string_view id, std::string_view value) {
  return R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[)"
         R"({"quotaMetric":"m","quotaId":"GenerateRequestsPerMinutePerProject","quotaValue":"10"},)"
         R"({"quotaMetric":"m","quotaId":")"
         + std::string{id} + R"(","quotaValue":")" + std::string{value} + R"("}]})";
}

std::string retry_info(std::string_view delay) {
  return R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")"
         + std::string{delay} + R"("})";
}

}  // namespace

TEST_CASE("every HTTP error means what the table says") {
  using enum error_class;
  struct row {
    std::uint32_t status;
    std::string body;
    error_class kind;
  };
  const std::vector<row> table{
      {400, rpc_error(400, "INVALID_ARGUMENT", error_info("API_KEY_INVALID")), authentication},
      {400, rpc_error(400, "INVALID_ARGUMENT"), invalid_input},
      {400, rpc_error(400, "FAILED_PRECONDITION"), permission},
      {401, rpc_error(401, "UNAUTHENTICATED", error_info("ACCESS_TOKEN_TYPE_UNSUPPORTED")),
       authentication},
      {401, rpc_error(401, "UNAUTHENTICATED"), authentication},
      {402, rpc_error(402, "RESOURCE_EXHAUSTED"), quota_exceeded},
      {403, rpc_error(403, "PERMISSION_DENIED"), permission},
      {403, rpc_error(403, "PERMISSION_DENIED", error_info("API_KEY_SERVICE_BLOCKED")), permission},
      {403, rpc_error(403, "PERMISSION_DENIED", error_info("SERVICE_DISABLED")), permission},
      {403, rpc_error(403, "PERMISSION_DENIED", error_info("CONSUMER_SUSPENDED")), permission},
      {403, rpc_error(403, "PERMISSION_DENIED", error_info("CREDENTIALS_MISSING")), authentication},
      {404, rpc_error(404, "NOT_FOUND"), not_found},
      {408, "", timeout},
      {413, "", invalid_input},
      {429, rpc_error(429, "RESOURCE_EXHAUSTED"), rate_limited},
      {499, rpc_error(499, "CANCELLED"), cancelled},
      {500, rpc_error(500, "INTERNAL"), server_error},
      {502, "<html><body>Bad Gateway</body></html>", unavailable},
      {503, rpc_error(503, "UNAVAILABLE"), unavailable},
      {504, rpc_error(504, "DEADLINE_EXCEEDED"), timeout},
      // Not in the provider's table: what stands in between, and what may come.
      {503, "<html>", unavailable},
      {429, "<html>", rate_limited},
      {400, "<html>", invalid_input},
      {405, "", invalid_input},
      {520, "", unavailable},
      {302, "", server_error},
  };
  for (const auto& [status, body, kind] : table) {
    INFO(status << ' ' << body);
    CHECK(to_string(classify(status, body).kind) == to_string(kind));
    CHECK(to_string(classify(status, "[" + body + "]").kind) == to_string(kind));
  }
}

TEST_CASE("a quota that is used up for the day opens at the end of the provider's day") {
  const auto details =
      quota("GenerateRequestsPerDayPerProjectPerModel", "100") + ',' + retry_info("21s");
  const auto before = to_timestamp(std::chrono::system_clock::now());
  const auto error = classify(429, rpc_error(429, "RESOURCE_EXHAUSTED", details));
  CHECK(error.kind == error_class::rate_limited);
  const auto day_ends = end_of_provider_day(before);
  CHECK(before + error.retry_after >= day_ends - std::chrono::seconds{5});
  CHECK(before + error.retry_after <= day_ends + std::chrono::seconds{5});
}

TEST_CASE("a 429 is told apart by its codes, the worst of several violations first") {
  using enum error_class;
  struct row {
    std::string details;
    error_class kind;
    milliseconds retry_after;
  };
  const std::vector<row> table{
      {retry_info("21s") + ',' + quota("GenerateRequestsPerMinutePerProject-FreeTier", "0"),
       quota_exceeded, milliseconds{0}},
      {quota("GenerateImagesPerMinutePerProject", "5") + ',' + retry_info("47s"), rate_limited,
       milliseconds{47'000}},
      {retry_info("600.5s"), rate_limited, milliseconds{600'500}},
      {retry_info("0.0001s"), rate_limited, milliseconds{1}},
      {error_info("RATE_LIMIT_EXCEEDED"), rate_limited, milliseconds{0}},
      {retry_info("soon"), rate_limited, milliseconds{0}},
      {retry_info("-5s"), rate_limited, milliseconds{0}},
      {retry_info("1e99s"), rate_limited, milliseconds{0}},
      {"7, null, {}", rate_limited, milliseconds{0}},
  };
  for (const auto& [details, kind, retry_after] : table) {
    INFO(details);
    const auto error = classify(429, rpc_error(429, "RESOURCE_EXHAUSTED", details));
    CHECK(to_string(error.kind) == to_string(kind));
    CHECK(error.retry_after == retry_after);
  }
}

TEST_CASE("Retry-After counts as seconds or as a date, and the longer wait wins") {
  const auto wait = [](std::string after, std::string body) {
    return classify_error(http_response{
                              503,
                              {{"date", "Tue, 24 Nov 2026 09:30:00 GMT"},
                               {"retry-after", std::move(after)}},
                              std::move(body)})
        .retry_after;
  };
  CHECK(wait("120", "") == milliseconds{120'000});
  CHECK(wait("Tue, 24 Nov 2026 09:31:30 GMT", "") == milliseconds{90'000});
  CHECK(wait("10", rpc_error(503, "UNAVAILABLE", retry_info("30s"))) == milliseconds{30'000});
  CHECK(wait("40", rpc_error(503, "UNAVAILABLE", retry_info("30s"))) == milliseconds{40'000});
}

TEST_CASE("an error names the code, the reason and the field, for humans") {
  const auto error = classify(
      400, rpc_error(
               400, "INVALID_ARGUMENT",
               R"({"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[)"
               R"({"field":"contents[0].parts[2].inline_data.data","description":"bad"}]})"
           )
  );
  CHECK(
      error.message
      == "Gemini answered 400 INVALID_ARGUMENT at contents[0].parts[2].inline_data.data: what happened"
  );
  CHECK(classify(502, "<html>secret page</html>").message == "Gemini answered 502");
}

TEST_CASE("neither keys nor image data that the provider quotes are repeated") {
  const auto message_for = [](std::string_view said) {
    return classify(403, R"({"error":{"code":403,"message":")" + std::string{said} + R"("}})")
        .message;
  };
  for (const auto* said :
       {"Consumer 'api_key:AIzaSyD-secret_0' has been suspended", "Bad key AIzaSyD-secret_0.",
        "Bad key AQ.Ab8-secret_0", "see https://x/?key=AIzaSyD-secret_0"}) {
    INFO(said);
    CHECK(message_for(said).find("secret") == std::string::npos);
    CHECK(message_for(said).find("***") != std::string::npos);
  }
  const auto quoted = message_for("failed for \\\"" + std::string(5'000, 'A') + "\\\" there");
  CHECK(quoted.size() < 150);
  CHECK(quoted.ends_with("there"));
}

TEST_CASE("a call without an answer keeps the class that the client gave it") {
  const http_error lost{{error_class::connection, "reset"}, true};
  CHECK(classify_error(lost) == lost.error);
}

}  // namespace stayler::adapters
