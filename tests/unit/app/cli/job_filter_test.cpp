// SPDX-License-Identifier: MIT
#include "app/cli/filters/job_filter.hpp"

#include "app/cli/command_error.hpp"
#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::cli;

namespace {

const timestamp filter_time = *parse_rfc3339("2026-11-30T10:00:00.000Z");

job_filter read(const std::vector<std::string>& words) {
  return read_filter(words, filter_time);
}

bool is_refused_filter(const std::string& word) {
  try {
    static_cast<void>(read({word}));
  } catch (const command_error& error) {
    return error.code == exit_code::usage;
  }
  return false;
}

}  // namespace

TEST_CASE("filter words become parameters of the API, escaped") {
  const auto filter = read(
      {"status:failed,cancelled", "status:pending", "class:timeout", "user:auth0|62e+0",
       "id:01936d4e", "since:1h", "before:2026-11-28"}
  );
  CHECK(
      as_query(filter)
      == "&status=failed,cancelled,pending&errorClass=timeout&userId=auth0%7C62e%2B0&q=01936d4e"
         "&since=2026-11-30T09%3A00%3A00.000Z&before=2026-11-28T00%3A00%3A00.000Z"
  );
  CHECK(as_query(read({})).empty());
  CHECK(read({}).is_empty());
}

TEST_CASE("filter words become a bulk filter, which says all only where that is meant") {
  CHECK(
      as_bulk_filter(read({"type:image_conversion", "user:a\"b", "group:9f"}), false)
      == R"({"type":["image_conversion"],"userId":"a\"b","group":"9f"})"
  );
  CHECK(as_bulk_filter(read({"status:failed"}), true) == R"({"status":["failed"],"all":true})");
}

TEST_CASE("values with blanks stand in quotation marks, as in the dashboard") {
  CHECK(read({R"(user:"ann \"the\" b")"}).user == R"(ann "the" b)");
  CHECK(read({"user:a:b"}).user == "a:b");
}

TEST_CASE("a word that is none, or a time that is none, is wrong usage") {
  for (const auto* word : {"colour:red", "status:", "failed", "since:yesterday", ":x"}) {
    INFO(word);
    CHECK(is_refused_filter(word));
  }
  CHECK(is_filter_word("user:ann"));
  CHECK_FALSE(is_filter_word("01936d4e-0000"));
}
