// SPDX-License-Identifier: MIT

#include "http/api/json/worker/config_json.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace stayler;

TEST_CASE("the configuration is shown in groups and without secrets", "[config_json]") {
  settings config;
  config.gemini.api_key = "sesame";
  const auto text = http::render_settings(config);
  CHECK(text.find("sesame") == std::string::npos);
  const auto json = adapters::parse_json(text);
  REQUIRE(json);
  CHECK(*json->find("maxWorkers")->as<std::int64_t>() == 5);
  CHECK(*json->find("jobTimeout")->as<std::string>() == "600s");
  CHECK(*json->find("enableMetrics")->as<bool>());
  CHECK(*json->find("retry")->find("jitter")->as<bool>());
  CHECK(*json->find("gemini")->find("apiKey")->as<std::string>() == "***");
}

TEST_CASE("what is shown of the configuration can be sent back", "[config_json]") {
  const auto parsed = http::parse_changes(http::render_settings({}));
  CHECK(parsed.problems.empty());
  CHECK(parsed.changes.size() > 20);
}

TEST_CASE("changes of the configuration are read in every form that callers use", "[config_json]") {
  const auto parsed = http::parse_changes(
      R"({"maxWorkers":8,"jobTimeout":600000000000,"pollInterval":"2s",
          "retry":{"jitter":false,"backoffFactor":1.5,"maxDelay":60000000000}})"
  );
  CHECK(parsed.problems.empty());
  const std::vector<settings_change> expected{
      {"maxWorkers", "8"},       {"jobTimeout", "600s"},         {"pollInterval", "2s"},
      {"retry.jitter", "false"}, {"retry.backoffFactor", "1.5"}, {"retry.maxDelay", "60s"}};
  CHECK(parsed.changes == expected);
  const auto whole =
      http::parse_changes(R"({"maxWorkers":8.0,"jobTimeout":6e11,"gemini":{"budgetPerDay":2.0}})");
  const std::vector<settings_change> read{
      {"maxWorkers", "8"}, {"jobTimeout", "600s"}, {"gemini.budgetPerDay", "2"}};
  CHECK(whole.changes == read);
  CHECK(http::parse_changes(R"({"maxWorkers":8.5})").changes.front().value == "8.5");
  CHECK(http::parse_changes("[]").problems.front().field == "body");
  CHECK(http::parse_changes("{").problems.front().field == "body");
  const auto bad = http::parse_changes(R"({"maxWorkers":[1],"retry":{"jitter":null,"x":{}}})");
  REQUIRE(bad.problems.size() == 3);
  CHECK(bad.problems[1].field == "retry.jitter");
}
