// SPDX-License-Identifier: MIT

#include "adapters/encryption/encryption_keys.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::adapters;

namespace {

const std::string one = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const std::string two = "HxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4=";

std::string problem_of(const std::string& text) {
  const auto keys = encryption_keys::parse(text);
  REQUIRE_FALSE(keys);
  CHECK(keys.error().kind == error_class::invalid_input);
  return keys.error().message;
}

}  // namespace

TEST_CASE("the first key encrypts, and all of them decrypt") {
  const auto keys = encryption_keys::parse("2026-11:" + one + ",2025:" + two);
  REQUIRE(keys);
  CHECK(keys->are_set());
  CHECK(keys->current().id == "2026-11");
  CHECK(keys->current().bytes[1] == std::byte{1});
  REQUIRE(keys->find("2025") != nullptr);
  CHECK(keys->find("2025")->bytes[0] == std::byte{0x1F});
  CHECK(keys->find("2024") == nullptr);
  CHECK_FALSE(keys->take_plain());
}

TEST_CASE("keys may stand in lines, as in a file, and end with one") {
  for (const std::string& text :
       {"k:" + one + "\nl:" + two + "\nplain\n", "k:" + one + ",\n l:" + two + ",\r\nplain\r\n"}) {
    INFO(text);
    const auto keys = encryption_keys::parse(text);
    REQUIRE(keys);
    CHECK(keys->current().id == "k");
    CHECK(keys->find("l") != nullptr);
    CHECK(keys->take_plain());
  }
  CHECK_FALSE(encryption_keys::parse("\n")->are_set());
}

TEST_CASE("what is not encrypted is read without keys, or where the list ends with plain") {
  CHECK(encryption_keys{}.take_plain());
  CHECK(encryption_keys::parse("")->take_plain());
  CHECK_FALSE(encryption_keys::parse("")->are_set());
  CHECK(encryption_keys::parse("k:" + one + ",plain")->take_plain());
}

TEST_CASE("a list of keys that cannot be is refused by its entry, without a key in the reason") {
  CHECK(problem_of("plain") == "entry 1 of the list is malformed: its ID must be 1 to 16 letters, "
                               "digits, dots, dashes or underscores");
  CHECK(problem_of("k:" + one + ",plain,l:" + two).starts_with("entry 2"));
  CHECK(problem_of("k:" + one + ",k:" + two) == "entry 2 of the list is malformed: its ID stands "
                                                "there twice");
  CHECK(problem_of("k:" + one.substr(0, 40)).find("32 bytes in base64") != std::string::npos);
  CHECK(problem_of("k:" + one.substr(0, 40)).find(one.substr(0, 8)) == std::string::npos);
  CHECK(problem_of(one).starts_with("entry 1"));
  CHECK(problem_of("a key of many words:" + one).starts_with("entry 1"));
}

TEST_CASE("a new key is another one each time, and can be used") {
  const auto first = make_encryption_key("k1");
  const auto second = make_encryption_key("k2");
  REQUIRE(first);
  REQUIRE(second);
  const auto keys = encryption_keys::parse(*first + "," + *second);
  REQUIRE(keys);
  CHECK(keys->current().bytes != keys->find("k2")->bytes);
  CHECK(make_encryption_key("plain").error().kind == error_class::invalid_input);
  CHECK(make_encryption_key("a b").error().message.find("\"a b\" is not allowed") == 7);
}
