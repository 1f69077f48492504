// SPDX-License-Identifier: MIT
#include "messages/jobs/user_id.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;

TEST_CASE("the ids of usual identity providers are users' ids", "[user_id]") {
  for (const std::string id :
       {"7", "0192c4e0-7a3b-7000-8000-000000000000", "auth0|62e0", "google-oauth2|1029384756",
        "ann@example.com", "ann+test@example.com", "us-east-1:6f2c/ab", "CN=Ann Lee,OU=Shop",
        "../../etc/passwd", "a%2fb", "{\"x\":1}", "کاربر", "می\u200Cخواهم", "Ζωή", "用户", "😀"}) {
    INFO(id);
    CHECK(is_user_id(id));
  }
}

TEST_CASE("an id has 1 to 256 characters, however many bytes these take", "[user_id]") {
  CHECK_FALSE(is_user_id(""));
  std::string wide;
  for (int i = 0; i < 256; ++i) {
    wide += "é";
  }
  CHECK(is_user_id(std::string(256, 'x')));
  CHECK(is_user_id(wide));
  CHECK_FALSE(is_user_id(std::string(257, 'x')));
  CHECK_FALSE(is_user_id(wide + "é"));
}

TEST_CASE("what cannot be seen, or changes the line that shows it, is no user's id", "[user_id]") {
  for (const std::string& id :
       {std::string(1, '\0'),    std::string{"a\nb"},     std::string{"a\x1B[31m"},
        std::string{"a\x7F"},    std::string{" a"},       std::string{"a "},
        std::string{" "},        std::string{"a\u0085"},  std::string{"a\u00ADb"},
        std::string{"a\u200Bb"}, std::string{"a\u202Eb"}, std::string{"a\u2028b"},
        std::string{"\uFEFFa"},  std::string{"a\uFFFF"},  std::string{"a\U000E0041"},
        std::string{"\u00A0a"},  std::string{"a\u3000"},  std::string{"\u2003"},
        std::string{"a\u200D"},  std::string{"\u3164"}}) {
    INFO(id);
    CHECK_FALSE(is_user_id(id));
  }
}

TEST_CASE("what is no UTF-8 is no user's id", "[user_id]") {
  for (const std::string id : {"\xE9", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    CHECK_FALSE(is_user_id(id));
  }
}
