// SPDX-License-Identifier: MIT

#include "adapters/http_client/retry_after.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace stayler::adapters {

namespace {

using std::chrono::seconds;

milliseconds asked_by(std::string after, std::string date = "Tue, 24 Nov 2026 09:30:00 GMT") {
  return retry_after({503, {{"date", std::move(date)}, {"retry-after", std::move(after)}}, {}});
}

}  // namespace

TEST_CASE("Retry-After has seconds, or a date beside the answer's own") {
  CHECK(asked_by("120") == seconds{120});
  CHECK(asked_by("0") == seconds{0});
  CHECK(asked_by("Tue, 24 Nov 2026 09:31:30 GMT") == seconds{90});
  CHECK(asked_by("Tue, 24 Nov 2026 09:29:59 GMT") == seconds{0});
  CHECK(retry_after({503, {}, {}}) == seconds{0});
}

TEST_CASE("where an answer has no date of its own, Retry-After's is measured by our clock") {
  const milliseconds wait = asked_by("Fri, 24 Nov 2226 09:31:30 GMT", "");
  CHECK(wait == longest_retry_after);
  CHECK(asked_by("Tue, 24 Nov 2020 09:31:30 GMT", "") == seconds{0});
}

TEST_CASE("what Retry-After may not have asks for nothing") {
  for (const auto* after :
       {"", "later", "-5", "+5", "5s", "1.5", "1e9", "0x10", "Tue, 24 Nov 2026 09:31:30",
        "Tue, 24 Nov 2026 09:31:30 CET", "2026-11-24T09:31:30Z"}) {
    INFO(after);
    CHECK(asked_by(after) == seconds{0});
  }
}

TEST_CASE("no more than a month is asked for") {
  CHECK(asked_by("4294967295") == longest_retry_after);
  CHECK(asked_by("99999999999999999999") == longest_retry_after);
  CHECK(asked_by("Tue, 24 Nov 2099 09:31:30 GMT") == longest_retry_after);
}

}  // namespace stayler::adapters
