// SPDX-License-Identifier: MIT

#include "http/api/idempotency_key.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace std::chrono_literals;

namespace {

http::request request_with(const std::vector<std::string>& keys) {
  http::request made;
  for (const auto& key : keys) {
    made.headers.emplace_back("idempotency-key", key);
  }
  return made;
}

/// Nothing where the header is refused.
std::string key_in(const std::vector<std::string>& keys) {
  std::vector<field_problem> problems;
  auto key = http::read_idempotency_key(request_with(keys), problems);
  return problems.empty() ? key : "refused: " + problems.at(0).field;
}

http::job_rules rules_with(std::uint32_t retries, milliseconds timeout) {
  return {retries, 5, timeout, {}, timestamp::max(), {{{"hooks.example.com", 0}}}};
}

std::string print_of(std::string_view body, const http::job_rules& rules = rules_with(2, 300s)) {
  auto parsed = http::parse_job_request(body, rules);
  INFO(body);
  REQUIRE(parsed.problems.empty());
  http::set_idempotency_key(parsed, "k");
  CHECK(parsed.request.idempotency_key == "k");
  CHECK(parsed.request.fingerprint.size() == 32);
  return parsed.request.fingerprint;
}

/// A conversion's body, with more members in front.
std::string body_with(const std::string& more, const std::string& options = "{}") {
  return "{" + more + R"("type":"image_conversion","conversionId":"c","userId":"u","payload":)"
         + R"({"userImageId":"a","clothImageId":"b","options":)" + options + "}}";
}

}  // namespace

TEST_CASE(
    "a key is what stands in the header, bare or as a string in quotes", "[idempotency_key]"
) {
  CHECK(key_in({}).empty());
  CHECK(key_in({"8e03978e-40d5"}) == "8e03978e-40d5");
  CHECK(key_in({R"("8e03978e-40d5")"}) == R"("8e03978e-40d5")");
  CHECK(key_in({R"("a\"b\\")"}) == R"("a\"b\\")");
  CHECK(key_in({R"(a"b)"}) == R"(a"b)");
  CHECK(key_in({std::string(255, 'k')}) == std::string(255, 'k'));
}

TEST_CASE("a header that is no key is refused", "[idempotency_key]") {
  const std::vector<std::string> bad{"",         "a b",     "\x7f",      std::string(256, 'k'),
                                     R"(")",     R"("")",   R"("a)",     R"("a"b)",
                                     R"("a"b")", R"("a\")", R"("a\bc")", R"("a";p=1)"};
  for (const auto& key : bad) {
    INFO(key);
    CHECK(key_in({key}) == "refused: Idempotency-Key");
  }
  CHECK(key_in({"a", "a"}) == "refused: Idempotency-Key");
}

TEST_CASE(
    "each job of a batch has a key of its own, which no header can name", "[idempotency_key]"
) {
  CHECK(http::key_in_batch("", 3).empty());
  CHECK(http::key_in_batch("k", 1) != http::key_in_batch("k", 11));
  CHECK(http::key_in_batch("k1", 1) != http::key_in_batch("k", 11));
  CHECK(key_in({http::key_in_batch("k", 0)}) == "refused: Idempotency-Key");
}

TEST_CASE("without a key a request gets neither key nor fingerprint", "[idempotency_key]") {
  auto parsed = http::parse_job_request(body_with(""), rules_with(2, 300s));
  http::set_idempotency_key(parsed, "");
  CHECK(parsed.request.idempotency_key.empty());
  CHECK(parsed.request.fingerprint.empty());
}

TEST_CASE(
    "the order of members, blanks and what says nothing leave a fingerprint as it is",
    "[idempotency_key]"
) {
  const auto print = print_of(body_with(""));
  CHECK(
      print_of(R"( {"userId":"u", "conversionId":"c", "payload":{"clothImageId":"b",)"
               R"("userImageId":"a"}, "type":"image_conversion"} )")
      == print
  );
  CHECK(print_of(body_with(R"("priority":5,)")) == print);
  CHECK(print_of(body_with(R"("runAt":null,"timeout":null,)")) == print);
  CHECK(print_of(body_with("", R"({"style":"","noCache":false,"ofAnOldCaller":1})")) == print);
  CHECK(
      print_of(body_with(R"("runAt":"2026-11-24T10:00:00+01:00",)"))
      == print_of(body_with(R"("runAt":"2026-11-24T09:00:00.000Z",)"))
  );
}

TEST_CASE("defaults that are changed meanwhile leave a fingerprint as it is", "[idempotency_key]") {
  CHECK(print_of(body_with("")) == print_of(body_with(""), rules_with(4, 900s)));
}

TEST_CASE("whatever the submitter says counts in the fingerprint", "[idempotency_key]") {
  const std::vector<std::string> bodies{
      body_with(""),
      body_with(R"("priority":6,)"),
      body_with(R"("maxRetries":2,)"),
      body_with(R"("maxRetries":3,)"),
      body_with(R"("timeout":"300s",)"),
      body_with(R"("webhookUrl":"https://hooks.example.com/a",)"),
      body_with(R"("webhookUrl":"https://hooks.example.com/b",)"),
      body_with(R"("runAt":"2026-11-24T10:00:00Z",)"),
      body_with("", R"({"style":"casual"})"),
      body_with("", R"({"prompt":"casual"})"),
      body_with("", R"({"quality":"high"})"),
      body_with("", R"({"noCache":true})"),
      R"({"type":"image_conversion","conversionId":"d","userId":"u","payload":)"
      R"({"userImageId":"a","clothImageId":"b"}})",
      R"({"type":"image_conversion","conversionId":"c","userId":"u","payload":)"
      R"({"userImageId":"b","clothImageId":"a"}})",
      R"({"type":"image_processing","conversionId":"c","userId":"u","payload":{"imageId":"a",)"
      R"("options":{"operations":[{"type":"strip"}]}}})",
      R"({"type":"image_processing","conversionId":"c","userId":"u","payload":{"imageId":"a",)"
      R"("options":{"operations":[{"type":"strip"},{"type":"strip"}]}}})"};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      INFO(bodies[i] << " and " << bodies[j]);
      CHECK(print_of(bodies[i]) != print_of(bodies[j]));
    }
  }
}
