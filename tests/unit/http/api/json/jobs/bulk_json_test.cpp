// SPDX-License-Identifier: MIT

#include "http/api/json/jobs/bulk_json.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace stayler;
using http::bulk_action;
using http::parse_bulk_request;

namespace {

std::vector<std::string> bad_fields(std::string_view body) {
  std::vector<std::string> fields;
  for (const auto& problem : parse_bulk_request(body).problems) {
    fields.push_back(problem.field);
  }
  return fields;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a bulk request is read whole") {
  const auto read = parse_bulk_request(
      R"({"action":"retry","token":"t","ratePerMinute":60,"filter":{"status":["failed"],
          "errorClass":["timeout","no_image"],"type":"image_processing","userId":"ann",
          "conversionId":"c-1","group":"9f2c","q":"0193","since":"2024-01-01T00:00:00Z",
          "before":"2030-01-01T00:00:00Z"}})"
  );
  CHECK(read.problems.empty());
  CHECK(read.action == bulk_action::retry);
  CHECK(read.token == "t");
  CHECK(read.rate_per_minute == 60);
  CHECK_FALSE(read.is_dry_run);
  CHECK(read.jobs.filter.statuses == std::vector{job_status::failed});
  CHECK(read.jobs.filter.errors == std::vector{error_class::timeout, error_class::no_image});
  CHECK(read.jobs.filter.types == std::vector{job_type::image_processing});
  CHECK(read.jobs.filter.user_id == "ann");
  CHECK(read.jobs.filter.conversion_id == "c-1");
  CHECK(read.jobs.group == "9f2c");
  CHECK_FALSE(read.jobs.filter.since.value.is_nil());
  CHECK_FALSE(read.jobs.filter.before.value.is_nil());
}

TEST_CASE("an action is for the jobs that it can be done to") {
  const auto cancel =
      parse_bulk_request(R"({"action":"cancel","dryRun":true,"filter":{"userId":"ann"}})");
  CHECK(cancel.problems.empty());
  CHECK(
      cancel.jobs.filter.statuses
      == std::vector{job_status::pending, job_status::scheduled, job_status::processing}
  );
  const auto drop =
      parse_bulk_request(R"({"action":"drop","dryRun":true,"filter":{"userId":"ann"}})");
  CHECK(drop.jobs.filter.statuses == std::vector{job_status::failed});
  CHECK(
      bad_fields(R"({"action":"retry","dryRun":true,"filter":{"status":["pending"],"userId":"a"}})")
      == names{"filter.status"}
  );
  CHECK(
      bad_fields(R"({"action":"cancel","dryRun":true,"filter":{"group":"9f2c"}})")
      == names{"filter.group"}
  );
}

TEST_CASE("a filter that was lost on the way never stands for all jobs") {
  CHECK(bad_fields(R"({"action":"retry","dryRun":true})") == names{"filter"});
  CHECK(bad_fields(R"({"action":"retry","dryRun":true,"filter":{}})") == names{"filter"});
  CHECK(
      bad_fields(R"({"action":"retry","dryRun":true,"filter":{"status":"failed"}})")
      == names{"filter"}
  );
  CHECK(bad_fields(R"({"action":"retry","dryRun":true,"filter":{"all":true}})").empty());
}

TEST_CASE("nothing is done without a dry run before") {
  CHECK(bad_fields(R"({"action":"retry","filter":{"userId":"ann"}})") == names{"token"});
}

TEST_CASE("all that is wrong is named") {
  CHECK(
      bad_fields(
          R"({"action":"burn","token":7,"ratePerMinute":0,"colour":1,"filter":{"status":["done"],
              "type":[1],"errorClass":"x","userId":"","q":"x","since":"now","more":1}})"
      )
      == names{
          "action", "token", "ratePerMinute", "colour", "filter.status", "filter.type",
          "filter.errorClass", "filter.userId", "filter.q", "filter.since", "filter.more"}
  );
  CHECK(bad_fields("[") == names{"body"});
}
