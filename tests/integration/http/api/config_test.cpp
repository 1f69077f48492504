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
