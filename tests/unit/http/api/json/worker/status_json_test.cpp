// SPDX-License-Identifier: MIT

#include "http/api/json/worker/status_json.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>

using namespace stayler;
using namespace std::chrono_literals;

TEST_CASE("the status divides nothing by zero", "[status_json]") {
  queue_status status;
  auto json = adapters::parse_json(http::render_status(status)).value();
  CHECK(*json.find("averageJobTime")->as<std::int64_t>() == 0);
  CHECK(*json.find("successRate")->as<std::int64_t>() == 0);
  CHECK(json.find("lastJobTime")->is_null());
  CHECK(*json.find("state")->as<std::string>() == "stopped");
  status.counts.completed = 3;
  status.counts.failed = 1;
  status.counts.completed_job_time = 3000ms;
  json = adapters::parse_json(http::render_status(status)).value();
  CHECK(*json.find("averageJobTime")->as<std::int64_t>() == 1000);
  CHECK(*json.find("successRate")->as<double>() == 0.75);
}
