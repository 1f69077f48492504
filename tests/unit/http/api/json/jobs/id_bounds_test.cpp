// SPDX-License-Identifier: MIT

// How ids and times bound a listing.

#include "http/api/json/jobs/id_bounds.hpp"

#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

using namespace stayler;
using namespace std::chrono_literals;

namespace {

job_filter beginning_with(std::string_view prefix) {
  job_filter filter;
  CHECK(http::narrow_to_prefix(filter, prefix));
  return filter;
}

bool is_refused(std::string_view prefix) {
  job_filter filter;
  return !http::narrow_to_prefix(filter, prefix) && filter == job_filter{};
}

}  // namespace

TEST_CASE("the beginning of an id bounds a listing on both sides, at each digit") {
  const auto even = beginning_with("01936d4e");
  CHECK(to_string(even.since) == "01936d4e-0000-0000-0000-000000000000");
  CHECK(to_string(even.before) == "01936d4f-0000-0000-0000-000000000000");
  const auto odd = beginning_with("0193f");
  CHECK(to_string(odd.since) == "0193f000-0000-0000-0000-000000000000");
  CHECK(to_string(odd.before) == "01940000-0000-0000-0000-000000000000");
  const auto hyphens = beginning_with("01936D4E-00");
  CHECK(to_string(hyphens.before) == "01936d4e-0100-0000-0000-000000000000");
}

TEST_CASE("a whole id bounds a listing to itself") {
  const std::string id = "01936d4e-0000-7000-8000-0000000000ff";
  const auto filter = beginning_with(id);
  CHECK(to_string(filter.since) == id);
  CHECK(to_string(filter.before) == "01936d4e-0000-7000-8000-000000000100");
}

TEST_CASE("a beginning behind which there is none has no upper bound") {
  CHECK(beginning_with("ff").before.value.is_nil());
  CHECK(to_string(beginning_with("f").since) == "f0000000-0000-0000-0000-000000000000");
}

TEST_CASE("what no id begins with is refused") {
  CHECK(is_refused(""));
  CHECK(is_refused("-"));
  CHECK(is_refused("0193x"));
  CHECK(is_refused(std::string(33, '0')));
}

TEST_CASE("times bound a listing: from one on, and up to another") {
  const auto id = *parse_job_id("0000000f-4240-7abc-8000-000000000001");
  job_filter filter;
  http::narrow_to_since(filter, timestamp{1'000'000ms});
  http::narrow_to_before(filter, timestamp{1'000'001ms});
  CHECK(filter.since <= id);
  CHECK(id < filter.before);
  http::narrow_to_since(filter, timestamp{1'000'001ms});
  CHECK(id < filter.since);
  job_filter before_all;
  http::narrow_to_before(before_all, timestamp{-1ms});
  CHECK_FALSE(before_all.before.value.is_nil());
}

TEST_CASE("of several bounds the narrower one counts") {
  const auto early = *parse_job_id("00000000-03e8-7abc-8000-000000000001");
  const auto late = *parse_job_id("00000000-07d0-7abc-8000-000000000001");
  job_filter filter;
  http::narrow_to_older(filter, late);
  http::narrow_to_newest(filter, early);
  CHECK(early < filter.before);
  CHECK(filter.before < late);
  http::narrow_to_since(filter, timestamp{2'000ms});
  http::narrow_to_since(filter, timestamp{1'000ms});
  CHECK(filter.since > early);
}
