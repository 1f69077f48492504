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

TEST_CASE("a file's name may come as RFC 8187 has it, with or without the plain form") {
  const auto file = [](const std::string& disposition) {
    const auto parts =
        parse_multipart(form_type, part("name=\"image\"; " + disposition, "x") + "--XX--");
    REQUIRE(parts);
    REQUIRE(parts->size() == 1);
    CHECK(parts->at(0).is_file);
    return parts->at(0).file_name;
  };
  CHECK(file("filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE.jpg") == "фото.jpg");
  CHECK(file("filename*=utf-8'en'a%20b.jpg") == "a b.jpg");
  CHECK(file("filename=\"foto.jpg\"; filename*=UTF-8''%D1%84.jpg") == "ф.jpg");
  CHECK(file("filename*=iso-8859-1''caf%E9.jpg") == "café.jpg");
  CHECK(file("filename*=UTF-8''..%2F..%2Fetc%2Fa.jpg") == "a.jpg");
  CHECK(file("FileName*=UTF-8''a.jpg") == "a.jpg");
  // What cannot be read is a file all the same.
  CHECK(file("filename*=UTF-8''%zz; filename=b.jpg") == "b.jpg");
  CHECK(file("filename*=koi8-r''%C6.jpg").empty());
  CHECK(file("filename*=UTF-8''a%0D%0Ab.jpg").empty());
  CHECK(file("filename*=a.jpg").empty());
}

TEST_CASE("a name that is cut is cut between characters", "[multipart]") {
  std::string name = "x";
  for (int i = 0; i < 200; ++i) {
    name += "é";
  }
  const auto parts =
      parse_multipart(form_type, part("name=f; filename=\"" + name + "\"", "x") + "--XX--");
  CHECK(parts->at(0).file_name == name.substr(0, 255));
  const auto odd =
      parse_multipart(form_type, part("name=f; filename=\"x" + name + "\"", "x") + "--XX--");
  CHECK(odd->at(0).file_name == "x" + name.substr(0, 253));
}

TEST_CASE("a part with the type of a picture or of bytes is a file without a name", "[multipart]") {
  const auto is_file = [](const std::string& type) {
    const auto parts =
        parse_multipart(form_type, part("name=\"image\"\r\nContent-Type: " + type, "x") + "--XX--");
    REQUIRE(parts);
    CHECK(parts->at(0).file_name.empty());
    return parts->at(0).is_file;
  };
  CHECK(is_file("image/jpeg"));
  CHECK(is_file("IMAGE/HEIC"));
  CHECK(is_file("application/octet-stream"));
  CHECK(is_file("image/png; x=y"));
  CHECK_FALSE(is_file("text/plain"));
  CHECK_FALSE(is_file("text/plain; charset=utf-8"));
  CHECK_FALSE(is_file("application/json"));
}

TEST_CASE("a field's name may have that form as well", "[multipart]") {
  const auto parts = parse_multipart(form_type, part("name*=UTF-8''userId", "u") + "--XX--");
  REQUIRE(parts);
  CHECK(parts->at(0).name == "userId");
  CHECK_FALSE(parse_multipart(form_type, part("name*=UTF-8''a%0Ab", "u") + "--XX--"));
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
