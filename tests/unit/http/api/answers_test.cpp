// SPDX-License-Identifier: MIT

#include "http/api/answers.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace std::chrono_literals;

TEST_CASE("each class of failure has its status", "[answers]") {
  using enum error_class;
  const std::vector<std::pair<error_class, unsigned>> expected{
      {invalid_input, 400}, {authentication, 401}, {permission, 403},     {not_found, 404},
      {conflict, 409},      {rate_limited, 429},   {quota_exceeded, 429}, {unavailable, 503},
      {key_reused, 422},    {timeout, 504},        {internal_bug, 500},   {connection, 500},
      {server_error, 500}};
  for (const auto& [kind, status] : expected) {
    const auto answer = http::refusal_answer({kind, "why", 1500ms});
    CHECK(answer.status == status);
    const auto json = adapters::parse_json(answer.body);
    REQUIRE(json);
    CHECK(*json->find("error")->as<std::string>() == to_string(kind));
    CHECK(*json->find("details")->as<std::string>() == "why");
    const bool says_when = answer.headers.back().first == "Retry-After";
    CHECK(says_when == (status == 429 || status == 503));
    CHECK((!says_when || answer.headers.back().second == "2"));
  }
}

TEST_CASE("what goes wrong inside is told by its class, and kept for the log", "[answers]") {
  using enum error_class;
  const std::string cause = "open /data/blobs: Permission denied (SQLSTATE 42501) at db.internal";
  for (const auto kind :
       {timeout, connection, unavailable, server_error, worker_lost, authentication, permission,
        internal_bug, store_full}) {
    INFO(to_string(kind));
    const auto answer = http::failure_answer({kind, cause, 1500ms});
    CHECK(answer.cause == cause);
    CHECK(answer.status == http::status_of(kind));
    CHECK(answer.body.find("data") == std::string::npos);
    CHECK(answer.body.find("internal.") == std::string::npos);
    CHECK(answer.body.find("42501") == std::string::npos);
    const auto json = adapters::parse_json(answer.body);
    REQUIRE(json);
    CHECK(*json->find("error")->as<std::string>() == to_string(kind));
    CHECK_FALSE(json->find("detail")->as<std::string>()->empty());
  }
  for (const auto kind : {invalid_input, not_found, conflict, rate_limited, no_image}) {
    const auto answer = http::failure_answer({kind, "in words for callers"});
    CHECK(answer.cause.empty());
    CHECK(answer.body.find("in words for callers") != std::string::npos);
  }
}
