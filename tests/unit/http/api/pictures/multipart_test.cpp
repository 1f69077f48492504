// SPDX-License-Identifier: MIT

#include "http/api/pictures/multipart.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/http/api/pictures/form.hpp"

#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::test;
using http::parse_multipart;

TEST_CASE("the parts of a form are read with names, files and bytes", "[multipart]") {
  const std::string bytes("\r\n--X\0\xFF\r\n", 9);
  const auto body = part("name=\"userId\"", "u1")
                    + part("name=\"image\"; filename=\"C:\\\\dir/a \\\"b\\\".jpg\"", bytes)
                    + "--XX--\r\n";
  const auto parts = parse_multipart(form_type, body);
  REQUIRE(parts);
  REQUIRE(parts->size() == 2);
  CHECK(parts->at(0).name == "userId");
  CHECK(parts->at(0).content == "u1");
  CHECK_FALSE(parts->at(0).is_file);
  CHECK(parts->at(1).name == "image");
  CHECK(parts->at(1).is_file);
  CHECK(parts->at(1).file_name == "a \"b\".jpg");
  CHECK(parts->at(1).content == bytes);
}

TEST_CASE("a preamble is skipped, an empty form is a form", "[multipart]") {
  CHECK(parse_multipart("multipart/form-data; boundary=\"XX\"", "hello\r\n--XX--")->empty());
  CHECK(parse_multipart(form_type, "--XX--\r\nepilogue")->empty());
}

TEST_CASE("a form that is not whole is refused", "[multipart]") {
  const auto whole = part("name=a", "1") + "--XX--";
  REQUIRE(parse_multipart(form_type, whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length);
    CHECK_FALSE(parse_multipart(form_type, std::string_view{whole}.substr(0, length)));
  }
  CHECK_FALSE(parse_multipart("multipart/form-data", whole));
  CHECK_FALSE(parse_multipart("multipart/form-data; boundary=", whole));
  CHECK_FALSE(parse_multipart(form_type, part("filename=x", "1") + "--XX--"));
  std::string many;
  for (int i = 0; i < 33; ++i) {
    many += part("name=a", "1");
  }
  CHECK_FALSE(parse_multipart(form_type, many + "--XX--"));
}

TEST_CASE("a boundary right behind another is refused", "[multipart]") {
  CHECK_FALSE(parse_multipart(form_type, "--XX\r\n" + part("name=a", "1") + "--XX--"));
  CHECK_FALSE(parse_multipart(form_type, part("name=a", "1") + "--XX\r\n--XX--"));
}

TEST_CASE("a semicolon in quotes begins no parameter", "[multipart]") {
  const auto body = part("name=\"a; filename=b\"", "1")
                    + part("filename=\"a\\\"; name=b\"; name=c", "2") + "--XX--";
  const auto parts = parse_multipart(form_type, body);
  REQUIRE(parts);
  REQUIRE(parts->size() == 2);
  CHECK(parts->at(0).name == "a; filename=b");
  CHECK_FALSE(parts->at(0).is_file);
  CHECK(parts->at(1).name == "c");
  CHECK(parts->at(1).file_name == "a\"; name=b");
}
