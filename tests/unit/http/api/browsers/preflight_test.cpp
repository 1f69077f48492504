// SPDX-License-Identifier: MIT

// What a browser learns that asks before another site's page makes a call.

#include "http/api/browsers/preflight.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace stayler;

namespace {

http::request preflight_from(const std::string& origin) {
  http::request head;
  head.method = "OPTIONS";
  head.path = "/worker/jobs";
  head.headers = {
      {"host", "127.0.0.1:8080"}, {"origin", origin}, {"access-control-request-method", "POST"}};
  return head;
}

http::origin_rules rules_with(bool has_keys) {
  return {has_keys, "127.0.0.1", false, {"https://app.example"}};
}

std::string header_of_answer(const http::response& answer, const std::string& name) {
  for (const auto& [each, value] : answer.headers) {
    if (each == name) {
      return value;
    }
  }
  return {};
}

}  // namespace

TEST_CASE("a page of an allowed origin learns the methods and headers of a path", "[preflight]") {
  for (const bool has_keys : {false, true}) {
    const auto answer = http::answer_preflight(
        preflight_from("https://app.example"), rules_with(has_keys), "GET, HEAD, POST"
    );
    REQUIRE(answer);
    CHECK(answer->status == 204);
    CHECK(header_of_answer(*answer, "Access-Control-Allow-Methods") == "GET, HEAD, POST");
    const auto headers = header_of_answer(*answer, "Access-Control-Allow-Headers");
    for (const auto* name :
         {"Authorization", "X-API-Key", "Content-Type", "Idempotency-Key", "X-Request-Id",
          "Last-Event-ID", "Range"}) {
      CHECK(headers.find(name) != std::string::npos);
    }
    CHECK(header_of_answer(*answer, "Access-Control-Max-Age") == "7200");
  }
}

TEST_CASE("a page of another origin is refused, with keys and without", "[preflight]") {
  for (const bool has_keys : {false, true}) {
    for (const auto* origin : {"https://evil.example", "null", "https://app.example:444"}) {
      const auto answer =
          http::answer_preflight(preflight_from(origin), rules_with(has_keys), "POST");
      REQUIRE(answer);
      CHECK(answer->status == 403);
    }
  }
}

TEST_CASE("a path that there is not has no methods to tell", "[preflight]") {
  const auto answer =
      http::answer_preflight(preflight_from("https://app.example"), rules_with(true), "");
  REQUIRE(answer);
  CHECK(answer->status == 404);
}

TEST_CASE("what is no preflight is left to others", "[preflight]") {
  auto head = preflight_from("https://app.example");
  SECTION("no OPTIONS") {
    head.method = "POST";
  }
  SECTION("no origin") {
    head.headers.erase(head.headers.begin() + 1);
  }
  SECTION("no method asked for") {
    head.headers.pop_back();
  }
  CHECK_FALSE(http::answer_preflight(head, rules_with(true), "POST"));
}
