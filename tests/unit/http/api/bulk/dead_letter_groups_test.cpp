// SPDX-License-Identifier: MIT

// Dead letters of one cause are found to be that.

#include "http/api/bulk/dead_letter_groups.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

using namespace stayler;
using namespace std::chrono_literals;

namespace {

job dead_letter(error_class error, const std::string& message, milliseconds at) {
  job made;
  made.id = job_id{make_uuid_v7(timestamp{at})};
  made.status = job_status::failed;
  made.error = {error, message};
  made.completed_at = timestamp{at};
  return made;
}

}  // namespace

TEST_CASE("what differs from one occurrence to the next is left out of a message") {
  CHECK(http::normalize_message("no answer within 60s") == "no answer within #");
  CHECK(
      http::normalize_message("cannot reach 10.0.0.1:8080: refused") == "cannot reach #: refused"
  );
  CHECK(
      http::normalize_message("job 01936d4e-0000-7000-8000-000000000001 is gone") == "job # is gone"
  );
  CHECK(http::normalize_message("HTTP 503") == http::normalize_message("HTTP 502"));
  CHECK(http::normalize_message("") == "");
  CHECK(http::normalize_message(std::string(1'000, '.')).size() == 200);
  // Of a text in another script, bytes stay as they are.
  CHECK(http::normalize_message("größe 7") == "größe #");
}

TEST_CASE("a group is one class and one message") {
  const auto slow = http::group_of({error_class::timeout, "after 60s"});
  CHECK(slow.size() == 16);
  CHECK(slow == http::group_of({error_class::timeout, "after 90s"}));
  CHECK(slow != http::group_of({error_class::connection, "after 60s"}));
  CHECK(slow != http::group_of({error_class::timeout, "before 60s"}));
}

TEST_CASE("groups are counted, the largest first, with when they began and when they went on") {
  http::dead_letter_groups groups;
  groups.add(dead_letter(error_class::invalid_input, "no picture", 5'000ms));
  const job newest = dead_letter(error_class::timeout, "after 60s", 4'000ms);
  groups.add(newest);
  groups.add(dead_letter(error_class::timeout, "after 61s", 2'000ms));
  groups.add(dead_letter(error_class::timeout, "after 62s", 3'000ms));
  CHECK(groups.size() == 4);
  const auto json = adapters::parse_json(groups.render(true)).value();
  CHECK(*json.find("looked")->as<std::int64_t>() == 4);
  CHECK(*json.find("isComplete")->as<bool>());
  const auto& shown = *json.find("groups")->as<adapters::json_value::array>();
  REQUIRE(shown.size() == 2);
  CHECK(*shown[0].find("count")->as<std::int64_t>() == 3);
  CHECK(*shown[0].find("message")->as<std::string>() == "after #");
  CHECK(*shown[0].find("first")->as<std::string>() == "1970-01-01T00:00:02.000Z");
  CHECK(*shown[0].find("last")->as<std::string>() == "1970-01-01T00:00:04.000Z");
  CHECK(*shown[0].find("sampleJobId")->as<std::string>() == to_string(newest.id));
  CHECK(*shown[0].find("retryable")->as<bool>());
  CHECK_FALSE(*shown[1].find("retryable")->as<bool>());
}
