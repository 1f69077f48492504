// SPDX-License-Identifier: MIT

#include "http/api/json/jobs/job_query.hpp"

#include "tests/support/catch.hpp"

#include <vector>

using namespace stayler;

TEST_CASE("a listing's query is read, and all that is wrong with it named", "[job_query]") {
  http::request req;
  req.query = {
      {"status", "failed,cancelled"},
      {"status", "pending"},
      {"type", "image_processing"},
      {"userId", "u"},
      {"conversionId", "c"},
      {"limit", "500"},
      {"cursor", "01936b2a-0000-7000-8000-000000000001"},
      {"unrelated", "1"}};
  const auto good = http::parse_job_query(req);
  CHECK(good.problems.empty());
  CHECK(good.filter.statuses.size() == 3);
  CHECK(good.filter.types == std::vector{job_type::image_processing});
  CHECK(good.filter.user_id == "u");
  CHECK(good.filter.conversion_id == "c");
  CHECK(good.filter.limit == 500);
  CHECK_FALSE(good.filter.before.value.is_nil());
  req.query = {{"userId", "auth0|ann+test@example.com"}};
  CHECK(http::parse_job_query(req).filter.user_id == "auth0|ann+test@example.com");
  req.query = {{"userId", "a\nb"}};
  CHECK(http::parse_job_query(req).problems.size() == 1);
  req.query = {
      {"q", "01936b2a"},
      {"since", "2024-01-01T00:00:00Z"},
      {"before", "2030-01-01T00:00:00+01:00"}};
  const auto bounded = http::parse_job_query(req);
  CHECK(bounded.problems.empty());
  CHECK(to_string(bounded.filter.since) == "01936b2a-0000-0000-0000-000000000000");
  CHECK(to_string(bounded.filter.before) == "01936b2b-0000-0000-0000-000000000000");
  req.query = {{"q", "x"}, {"since", "yesterday"}, {"before", ""}};
  CHECK(http::parse_job_query(req).problems.size() == 3);
  req.query = {{"status", "done"}, {"type", "x"}, {"limit", "501"}, {"cursor", "next"}};
  CHECK(http::parse_job_query(req).problems.size() == 4);
}
