// SPDX-License-Identifier: MIT

#include "adapters/caller_keys/caller_keys.hpp"

#include "adapters/caller_keys/new_caller_key.hpp"
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

TEST_CASE("a key is for users of any id, + and comma percent-encoded", "[caller_keys]") {
  const auto users_of = [](const std::string& list) {
    return parse_caller_keys("a:viewer:" + hash_of_alpha + ":" + list).value().at(0).users;
  };
  using list = std::vector<std::string>;
  CHECK(
      users_of("auth0|62e0+ann@example.com+ann%2Btest@example.com")
      == list{"auth0|62e0", "ann@example.com", "ann+test@example.com"}
  );
  CHECK(users_of("a%2Cb+c%25d+e%3Arate=5") == list{"a,b", "c%d", "e:rate=5"});
  CHECK(users_of("CN=Ann%20Lee%2COU=Shop+Ζωή") == list{"CN=Ann Lee,OU=Shop", "Ζωή"});
  CHECK(users_of(std::string(256, 'x')) == list{std::string(256, 'x')});
  for (const std::string bad :
       {"100%", "%zz", "a%00b", "a%0Ab", "a b", "%20a", "\xFF", "a+%E2%80%AE"}) {
    INFO(bad);
    CHECK_FALSE(parse_caller_keys("a:viewer:" + hash_of_alpha + ":" + bad));
  }
  CHECK_FALSE(parse_caller_keys("a:viewer:" + hash_of_alpha + ":" + std::string(257, 'x')));
}

TEST_CASE("a key may have a rate of its own, behind its users or without any", "[caller_keys]") {
  const auto rate_of = [](const std::string& end) {
    return parse_caller_keys("a:viewer:" + hash_of_alpha + end).value().at(0).rate;
  };
  using adapters::call_rate;
  CHECK_FALSE(rate_of(":ann"));
  CHECK(rate_of(":rate=50") == call_rate{50, 100});
  CHECK(rate_of(":rate=0.25") == call_rate{0.25, 1});
  CHECK(rate_of(":ann+bob:7:rate=2.5/40") == call_rate{2.5, 40});
  CHECK(
      parse_caller_keys("a:viewer:" + hash_of_alpha + ":bob:7:rate=5")->at(0).users
      == std::vector<std::string>{"bob:7"}
  );
  for (const auto* end :
       {":rate=", ":rate=0", ":rate=-1", ":rate=nan", ":rate=1e3", ":rate=5/", ":rate=5/0",
        ":rate=5/1.5", ":rate=2000000", "::rate=5", ":rate=5:ann", ":rate=5:rate=6"}) {
    INFO(end);
    CHECK_FALSE(parse_caller_keys("a:viewer:" + hash_of_alpha + end));
  }
}

TEST_CASE("a list that is refused names the key at fault, and no hash", "[caller_keys]") {
  const std::string good = "a:viewer:" + hash_of_alpha + "\n";
  const auto malformed = parse_caller_keys(good + "b:owner:" + hash_of_beta);
  CHECK(malformed.error().message.starts_with("key 2 of the list is not NAME:ROLE:SHA256"));
  CHECK(malformed.error().message.ends_with(": its role must be viewer, submitter or admin"));
  const auto twice = parse_caller_keys(good + "b:viewer:" + hash_of_alpha);
  CHECK(twice.error().message == "key 2 of the list has the name or the hash of one before it");
}

TEST_CASE("a new key is random, and its entry lets it in", "[caller_keys]") {
  const auto made = adapters::make_caller_key("web", "submitter", "ann+bob:7").value();
  CHECK(made.key.starts_with("stayler_"));
  CHECK(made.key.size() == 8 + 43);
  CHECK(made.key.find_first_of("+/=") == std::string::npos);
  CHECK(made.entry.find(made.key) == std::string::npos);
  const auto keys = parse_caller_keys(made.entry).value();
  const auto* found = find_caller_key(keys, made.key);
  REQUIRE(found != nullptr);
  CHECK(found->name == "web");
  CHECK(found->role == caller_role::submitter);
  CHECK(found->users == std::vector<std::string>{"ann", "bob:7"});
  CHECK(adapters::make_caller_key("web", "submitter", "")->key != made.key);
}

TEST_CASE("a new key with a bad name, role or users is refused, and told why", "[caller_keys]") {
  const auto problem_with = [](const char* name, const char* role, const char* users) {
    const auto made = adapters::make_caller_key(name, role, users);
    return made ? "" : made.error().message;
  };
  const auto hash = ":viewer:" + hash_of_alpha;
  CHECK(problem_with("a b", "viewer", "").starts_with("the name \"a b\" is not allowed"));
  CHECK(problem_with("", "viewer", "").starts_with("the name"));
  CHECK(problem_with(("x" + hash + ",a").c_str(), "viewer", "").starts_with("the name"));
  CHECK(problem_with("a", "owner", "").starts_with("the role \"owner\" is not allowed; use viewer")
  );
  CHECK(problem_with("a", ("viewer:" + hash_of_alpha + ",b:viewer").c_str(), "")
            .starts_with("the role"));
  CHECK(problem_with("a", "viewer", "ann++bob").starts_with("the list of users"));
  CHECK(problem_with("a", "viewer", "ann:rate=5").starts_with("the list of users"));
  CHECK(problem_with("a", "viewer", ("ann,b" + hash).c_str()).starts_with("the list of users"));
  CHECK(problem_with("a", "viewer", "ann,bob").ends_with("are written %2B %2C %25 %20"));
  CHECK(problem_with("a", "viewer", "ann\n").starts_with("the list of users"));
  CHECK(problem_with("a", "viewer", "100%").starts_with("the list of users"));
}

TEST_CASE("a list may be a file of Windows", "[caller_keys]") {
  const auto keys =
      parse_caller_keys("a:viewer:" + hash_of_alpha + "\r\nb:admin:" + hash_of_beta + ":ann\r\n");
  REQUIRE(keys);
  CHECK(keys->size() == 2);
}

TEST_CASE("a key is found by its hash and by nothing else", "[caller_keys]") {
  const auto keys = *parse_caller_keys("a:viewer:" + hash_of_alpha + ",b:admin:" + hash_of_beta);
  CHECK(find_caller_key(keys, "beta") == &keys[1]);
  CHECK(find_caller_key(keys, "Beta") == nullptr);
  CHECK(find_caller_key(keys, "") == nullptr);
  CHECK(find_caller_key(keys, hash_of_beta) == nullptr);
}
