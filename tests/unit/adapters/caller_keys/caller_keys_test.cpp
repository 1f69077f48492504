// SPDX-License-Identifier: MIT

#include "adapters/caller_keys/caller_keys.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace stayler;
using adapters::caller_role;
using adapters::find_caller_key;
using adapters::parse_caller_keys;

namespace {

// printf '%s' alpha | sha256sum, and so on
const std::string hash_of_alpha =
    "8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8";
const std::string hash_of_beta = "f44e64e75f3948e9f73f8dfa94721c4ce8cbb4f265c4790c702b2d41cfbf2753";

}  // namespace

TEST_CASE("keys are read with role and users, separated by commas or line ends", "[caller_keys]") {
  const auto keys = parse_caller_keys(
      "front:submitter:" + hash_of_alpha + ":ann+bob:7,\nops:admin:" + hash_of_beta + "\n"
  );
  REQUIRE(keys);
  REQUIRE(keys->size() == 2);
  CHECK((*keys)[0].name == "front");
  CHECK((*keys)[0].role == caller_role::submitter);
  CHECK((*keys)[0].users == std::vector<std::string>{"ann", "bob:7"});
  CHECK((*keys)[1].role == caller_role::admin);
  CHECK((*keys)[1].users.empty());
  CHECK(parse_caller_keys("")->empty());
}

TEST_CASE("keys that are malformed or not unique are refused", "[caller_keys]") {
  const std::string good = "a:viewer:" + hash_of_alpha;
  REQUIRE(parse_caller_keys(good));
  CHECK_FALSE(parse_caller_keys("a:viewer:" + hash_of_alpha.substr(1)));
  CHECK_FALSE(parse_caller_keys("a:viewer:" + hash_of_alpha.substr(1) + "g"));
  CHECK_FALSE(parse_caller_keys("a:owner:" + hash_of_alpha));
  CHECK_FALSE(parse_caller_keys(":viewer:" + hash_of_alpha));
  CHECK_FALSE(parse_caller_keys("a b:viewer:" + hash_of_alpha));
  CHECK_FALSE(parse_caller_keys("a:viewer"));
  CHECK_FALSE(parse_caller_keys(good + ":ann++bob"));
  CHECK_FALSE(parse_caller_keys(good + ":"));
  CHECK_FALSE(parse_caller_keys(good + "," + "a:viewer:" + hash_of_beta));
  CHECK_FALSE(parse_caller_keys(good + "," + "b:viewer:" + hash_of_alpha));
}

TEST_CASE("a key is found by its hash and by nothing else", "[caller_keys]") {
  const auto keys = *parse_caller_keys("a:viewer:" + hash_of_alpha + ",b:admin:" + hash_of_beta);
  CHECK(find_caller_key(keys, "beta") == &keys[1]);
  CHECK(find_caller_key(keys, "Beta") == nullptr);
  CHECK(find_caller_key(keys, "") == nullptr);
  CHECK(find_caller_key(keys, hash_of_beta) == nullptr);
}
