// SPDX-License-Identifier: MIT

#include "http/api/answers.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <utility>
#include <vector>

using namespace stayler;
using namespace std::chrono_literals;

TEST_CASE("each class of failure has its status", "[answers]") {
  using enum error_class;
  const std::vector<std::pair<error_class, unsigned>> expected{
      {invalid_input, 400}, {authentication, 401}, {permission, 403},     {not_found, 404},
      {conflict, 409},      {rate_limited, 429},   {quota_exceeded, 429}, {unavailable, 503},
      {timeout, 504},       {internal_bug, 500},   {connection, 500},     {server_error, 500}};
  for (const auto& [kind, status] : expected) {
    const auto answer = http::failure_answer({kind, "why", 1500ms});
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
