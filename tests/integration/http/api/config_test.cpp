// SPDX-License-Identifier: MIT

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;

TEST_CASE("the configuration is shown and changed, or not changed at all", "[api_config]") {
  service running;
  CHECK(*json_of(running.ask("GET", "/worker/config")).find("maxWorkers")->as<std::int64_t>() == 5);
  const auto changed =
      running.ask("PUT", "/worker/config", R"({"maxWorkers":9,"retry":{"maxRetries":9}})");
  CHECK(changed.status == 200);
  CHECK(*json_of(changed).find("config")->find("maxWorkers")->as<std::int64_t>() == 9);
  const auto refused = running.ask(
      "PUT", "/worker/config", R"({"maxWorkers":3,"jobTimeout":"soon","retry":{"nonsense":1}})"
  );
  CHECK(
      fields_of(problem_of(refused, 400, "invalid_input"))
      == std::vector<std::string>{"jobTimeout", "retry.nonsense"}
  );
  CHECK(*json_of(running.ask("GET", "/worker/config")).find("maxWorkers")->as<std::int64_t>() == 9);
  problem_of(running.ask("PUT", "/worker/config", "[1]"), 400, "invalid_input");
}

TEST_CASE("a changed configuration holds for the next job", "[api_config]") {
  service running;
  const auto image = running.stored_picture();
  auto body = conversion(image, image);
  body.insert(1, R"("maxRetries":9,)");
  CHECK(running.post_json("/worker/jobs", body).status == 400);
  CHECK(running.ask("PUT", "/worker/config", R"({"retry":{"maxRetries":9}})").status == 200);
  CHECK(running.post_json("/worker/jobs", body).status == 201);
}

TEST_CASE(
    "a dry run says what would change, by the same rules, and changes nothing", "[api_config]"
) {
  service running;
  const auto preview = running.ask(
      "PUT", "/worker/config?dryRun=true",
      R"({"maxWorkers":9,"jobTimeout":"600s","gemini":{"apiKey":"sesame"}})"
  );
  CHECK(preview.status == 200);
  CHECK(preview.body.find("sesame") == std::string::npos);
  const auto json = json_of(preview);
  const auto& changes = *json.find("changes")->as<adapters::json_value::array>();
  REQUIRE(changes.size() == 2);
  CHECK(text_at(changes[0], "name") == "maxWorkers");
  CHECK(*changes[0].find("before")->as<std::int64_t>() == 5);
  CHECK(*changes[0].find("after")->as<std::int64_t>() == 9);
  CHECK(text_at(changes[1], "name") == "gemini.apiKey");
  CHECK(text_at(changes[1], "after") == "***");
  CHECK(*json.find("config")->find("maxWorkers")->as<std::int64_t>() == 9);
  CHECK(*json_of(running.ask("GET", "/worker/config")).find("maxWorkers")->as<std::int64_t>() == 5);
  const auto refused =
      running.ask("PUT", "/worker/config?dryRun=true", R"({"maxWorkers":0,"httpPort":1})");
  CHECK(
      fields_of(problem_of(refused, 400, "invalid_input"))
      == std::vector<std::string>{"maxWorkers", "httpPort"}
  );
  const auto records = running.audited();
  REQUIRE(records.size() == 2);
  CHECK(records.front().details == "a dry run");
}

TEST_CASE("what may have been meant as a dry run changes nothing", "[api_config]") {
  service running;
  for (const auto* unclear : {"1", "yes", "TRUE", ""}) {
    const auto refused =
        running.ask("PUT", std::string{"/worker/config?dryRun="} + unclear, R"({"maxWorkers":9})");
    CHECK(
        fields_of(problem_of(refused, 400, "invalid_input")) == std::vector<std::string>{"dryRun"}
    );
  }
  for (const auto* query : {"dryrun=true", "dryRun=false&dryRun=true", "dryRun=true&now=1"}) {
    const auto refused =
        running.ask("PUT", std::string{"/worker/config?"} + query, R"({"maxWorkers":9})");
    problem_of(refused, 400, "invalid_input");
  }
  CHECK(*json_of(running.ask("GET", "/worker/config")).find("maxWorkers")->as<std::int64_t>() == 5);
}

TEST_CASE("every option is described as the documentation describes it", "[api_config]") {
  service running;
  running.ask("PUT", "/worker/config", R"({"maxWorkers":9})");
  const auto answer = running.ask("GET", "/worker/config/schema");
  CHECK(answer.status == 200);
  const auto json = json_of(answer);
  const auto& options = *json.find("options")->as<adapters::json_value::array>();
  CHECK(options.size() > 100);
  const auto& workers = options.front();
  CHECK(text_at(workers, "name") == "maxWorkers");
  CHECK(text_at(workers, "variable") == "WORKER_MAX_WORKERS");
  CHECK(text_at(workers, "kind") == "number");
  CHECK(*workers.find("value")->as<std::int64_t>() == 9);
  CHECK(*workers.find("default")->as<std::int64_t>() == 5);
  CHECK_FALSE(*workers.find("isDefault")->as<bool>());
  CHECK(*workers.find("isLive")->as<bool>());
  CHECK(text_at(workers, "allowed") == "1 to 10000");
  CHECK(text_at(workers, "description").starts_with("How many jobs"));
}
