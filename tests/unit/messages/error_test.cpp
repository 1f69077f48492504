// SPDX-License-Identifier: MIT

// The error table is complete and says what docs and peers rely on; results hold one side or the
// other.

#include "messages/base/error.hpp"

#include "messages/base/result.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

namespace stayler {

namespace {

/// All classes with their numbers, which other nodes and stored jobs know.
const std::vector<std::pair<error_class, std::string>> all_classes{
    {error_class::none, "none"},
    {error_class::timeout, "timeout"},
    {error_class::connection, "connection"},
    {error_class::rate_limited, "rate_limited"},
    {error_class::unavailable, "unavailable"},
    {error_class::server_error, "server_error"},
    {error_class::worker_lost, "worker_lost"},
    {error_class::no_image, "no_image"},
    {error_class::invalid_input, "invalid_input"},
    {error_class::authentication, "authentication"},
    {error_class::permission, "permission"},
    {error_class::not_found, "not_found"},
    {error_class::quota_exceeded, "quota_exceeded"},
    {error_class::safety_blocked, "safety_blocked"},
    {error_class::cancelled, "cancelled"},
    {error_class::internal_bug, "internal_bug"},
    {error_class::conflict, "conflict"},
    {error_class::store_full, "store_full"},
    {error_class::held, "held"},
    {error_class::key_reused, "key_reused"},
    {error_class::ambiguous_call, "ambiguous_call"},
};

}  // namespace

TEST_CASE("every class keeps its number and its name, and the name is read back") {
  std::set<std::string_view> names;
  for (std::size_t number = 0; number < all_classes.size(); ++number) {
    const auto& [kind, name] = all_classes[number];
    INFO(name);
    CHECK(static_cast<std::size_t>(kind) == number);
    CHECK(to_string(kind) == name);
    CHECK(parse_error_class(name) == kind);
    names.insert(to_string(kind));
  }
  CHECK(names.size() == all_classes.size());
}

TEST_CASE("the table has a row for every class, and no row more") {
  // The first number beyond the list stands for an unknown class; so does the last of all.
  for (const std::size_t number : {all_classes.size(), std::size_t{255}}) {
    const auto unknown = static_cast<error_class>(number);
    CHECK(to_string(unknown) == "internal_bug");
    CHECK_FALSE(is_retryable(unknown));
  }
}

TEST_CASE("names that no class has are refused") {
  for (const auto* name : {"", "Timeout", "TIMEOUT", "time_out", "timeout ", "unknown", "16"}) {
    INFO(name);
    CHECK_FALSE(parse_error_class(name).has_value());
  }
}

TEST_CASE("classes that pass are retried, classes that stay are not") {
  const std::set<error_class> retried{
      error_class::timeout,     error_class::connection,   error_class::rate_limited,
      error_class::unavailable, error_class::server_error, error_class::worker_lost,
      error_class::no_image,    error_class::store_full,   error_class::held};
  for (const auto& [kind, name] : all_classes) {
    INFO(name);
    CHECK(is_retryable(kind) == (retried.count(kind) == 1));
    CHECK((traits_of(kind).retry == retry_rule::once) == (kind == error_class::no_image));
  }
}

TEST_CASE("only a rate limit, and what was not even tried, give the attempt back") {
  for (const auto& [kind, name] : all_classes) {
    INFO(name);
    CHECK(
        traits_of(kind).refunds_attempt
        == (kind == error_class::rate_limited || kind == error_class::held)
    );
  }
}

TEST_CASE("a failure is one exactly when it has a class") {
  CHECK_FALSE(failure{});
  CHECK(failure{error_class::timeout, ""});
  CHECK_FALSE(failure{error_class::none, "a message alone says nothing"});
}

TEST_CASE("a result holds a value or a failure, and reading the other side throws") {
  result<std::string> good{std::string{"a"}};
  REQUIRE(good.has_value());
  CHECK(*good == "a");
  CHECK(good->size() == 1);
  CHECK_THROWS_AS(good.error(), std::bad_variant_access);

  const result<std::string> bad{failure{error_class::not_found, "gone"}};
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message == "gone");
  CHECK_THROWS_AS(bad.value(), std::bad_variant_access);

  const std::string taken = std::move(good).value();
  CHECK(taken == "a");
  CHECK(ok());
}

}  // namespace stayler
