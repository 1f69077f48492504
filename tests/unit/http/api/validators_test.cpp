// SPDX-License-Identifier: MIT
#include "http/api/validators.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>

using namespace stayler;
using http::make_json;
using http::unless_known;

namespace {

std::string header_in(const http::response& answer, std::string_view name) {
  std::string value;
  for (const auto& [each, text] : answer.headers) {
    if (each == name) {
      CHECK(value.empty());
      value = text;
    }
  }
  return value;
}

http::request asking(const std::string& known) {
  http::request asked;
  if (!known.empty()) {
    asked.headers = {{"if-none-match", known}};
  }
  return asked;
}

}  // namespace

TEST_CASE("an answer has a tag of its body, and is not sent to who has it", "[validators]") {
  const auto first = unless_known(asking(""), make_json(200, R"({"a":1})"));
  const auto tag = header_in(first, "ETag");
  CHECK(first.status == 200);
  CHECK(tag.size() == 34);
  CHECK(header_in(first, "Cache-Control") == "private, no-cache");
  for (const auto& known : {tag, "W/" + tag, "\"x\", " + tag, std::string{"*"}}) {
    INFO(known);
    const auto again = unless_known(asking(known), make_json(200, R"({"a":1})"));
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(header_in(again, "ETag") == tag);
  }
  const auto changed = unless_known(asking(tag), make_json(200, R"({"a":2})"));
  CHECK(changed.status == 200);
  CHECK(header_in(changed, "ETag") != tag);
}
