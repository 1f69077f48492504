// SPDX-License-Identifier: MIT

// What a pause is asked for with, and what is said of mistakes.

#include "http/api/json/jobs/pause_json.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

namespace stayler::http {

namespace {

using namespace std::chrono_literals;

const timestamp now = *parse_rfc3339("2026-11-30T09:00:00Z");

/// "field message" of each problem.
std::string problems_of(const std::string& body) {
  std::string text;
  for (const auto& each : parse_pause(body, now).problems) {
    text += (text.empty() ? "" : "; ") + each.field + " " + each.message;
  }
  return text;
}

}  // namespace

TEST_CASE("a pause that says nothing has no end and no reason") {
  for (const auto* body : {"", "{}", R"({"until":null,"for":null,"reason":null})"}) {
    const auto parsed = parse_pause(body, now);
    CHECK(parsed.problems.empty());
    CHECK(parsed.wanted == type_pause{});
  }
}

TEST_CASE("a pause ends at a time, or after one") {
  CHECK(parse_pause(R"({"until":"2026-11-30T10:00:00+01:00"})", now - 1h).wanted.until == now);
  CHECK(parse_pause(R"({"for":"30m"})", now).wanted.until == now + 30min);
  CHECK(parse_pause(R"({"for":90000000000})", now).wanted.until == now + 90s);
  CHECK(parse_pause(R"({"for":"744h"})", now).problems.empty());
}

TEST_CASE("what cannot be a pause is refused by field and value, with what is allowed") {
  CHECK(
      problems_of(R"({"until":"2026-11-30T08:59:59Z"})")
      == "until is 2026-11-30T08:59:59.000Z, and must be in the future, 31 days ahead at most (it "
         "is 2026-11-30T09:00:00.000Z now)"
  );
  CHECK(problems_of(R"({"until":"2027-01-30T09:00:00Z"})").starts_with("until is 2027-01-30T"));
  CHECK(problems_of(R"({"until":"soon"})").starts_with("until must be a time"));
  CHECK(problems_of(R"({"for":"745h"})") == "for must be from 1s to 744h, not 745h");
  CHECK(problems_of(R"({"for":"0s"})") == "for must be from 1s to 744h, not 0s");
  CHECK(problems_of(R"({"for":"-5m"})").starts_with("for "));
  CHECK(
      problems_of(R"({"for":"1h","until":"2026-11-30T10:00:00Z"})")
      == "for is said in two ways; allowed: either until or for"
  );
  CHECK(
      problems_of(R"({"reason":")" + std::string(201, 'x') + R"("})")
      == "reason may have at most 200 characters, not 201"
  );
  CHECK(parse_pause(R"({"reason":")" + std::string(200, 'x') + R"("})", now).problems.empty());
  for (const auto* reason : {"two\\nlines", "one\\u2028two", "\\u202Esdrawkcab", " ", "blank "}) {
    INFO(reason);
    CHECK(problems_of(R"({"reason":")" + std::string{reason} + R"("})")
              .starts_with("reason must be one line"));
  }
  CHECK(problems_of(R"({"reason":7})") == "reason must be a string, not a number");
  CHECK(problems_of(R"({"till":"1h"})") == "till is not known");
  CHECK(problems_of("[]").starts_with("body "));
}

TEST_CASE("the audit has a pause before and after its change") {
  const type_pause pause{job_type::image_conversion, now, now + 1h, "ops", "switching keys"};
  const std::string shown = "paused until 2026-11-30T10:00:00.000Z, by ops: switching keys";
  CHECK(describe_pause_change({{}, pause}) == "not paused -> " + shown);
  CHECK(describe_pause_change({pause, {}}) == shown + " -> not paused");
  CHECK(describe_pause_change({type_pause{}, {}}) == "paused -> not paused");
}

TEST_CASE("the answer to a pause has all of it, to its end no more than a sentence") {
  const type_pause pause{job_type::image_conversion, now, now + 1h, "ops", "<b>"};
  CHECK(
      render_pause_change("image_conversion", {{}, pause}, now)
      == R"({"message":"image_conversion is paused until 2026-11-30T10:00:00.000Z","pause":)"
         R"({"type":"image_conversion","since":"2026-11-30T09:00:00.000Z",)"
         R"("until":"2026-11-30T10:00:00.000Z","by":"ops","reason":"<b>"},)"
         R"("timestamp":"2026-11-30T09:00:00.000Z"})"
  );
  CHECK(
      render_pause_change("image_conversion", {pause, {}}, now)
      == R"({"message":"image_conversion goes on","timestamp":"2026-11-30T09:00:00.000Z"})"
  );
}

}  // namespace stayler::http
