// SPDX-License-Identifier: MIT

// What is not paid for twice, what calls cost, and who waits where a budget is spent.

#include "tests/actors/provider/client/gemini_fixture.hpp"

#include <cstddef>
#include <memory>
#include <vector>

using namespace stayler;
using namespace stayler::test;

TEST_CASE_METHOD(gemini_fixture, "identical work under way is one call") {
  const auto leader = generate(1, "same");
  const auto follower = generate(2, "same");
  const auto other = generate(3, "other");
  CHECK(http->requests.size() == 2);
  answer(0, picture());
  REQUIRE(leader.answer());
  REQUIRE(follower.answer());
  CHECK(leader.answer()->is_cacheable);
  CHECK_FALSE(leader.answer()->is_shared);
  CHECK(follower.answer()->is_shared);
  CHECK_FALSE(follower.answer()->is_cacheable);
  CHECK(follower.answer()->cost == 0);
  CHECK(follower.answer()->image == leader.answer()->image);
  CHECK_FALSE(other.has_answer());
}

TEST_CASE_METHOD(gemini_fixture, "when the one that makes the call ends, the next one makes it") {
  generate(1, "same");
  const auto second = generate(2, "same");
  attempt_id first;
  first.token = fencing_token{1};
  tell(client, abort_atom_v, first);
  REQUIRE(http->requests.size() == 2);
  answer(1, picture());
  CHECK(second.answer());
}

TEST_CASE_METHOD(gemini_fixture, "what is in the cache is not paid for again") {
  add_cache();
  start();
  const auto made = generate(1);
  CHECK(http->requests.size() == 1);
  answer(0, picture());
  cached = {true, {made.answer()->image, "image/png", "m1", "ann"}};
  const auto again = generate(2);
  REQUIRE(again.answer());
  CHECK(again.answer()->is_shared);
  CHECK(again.answer()->cost == 0);
  CHECK(http->requests.size() == 1);

  generation_request fresh;
  fresh.attempt.token = fencing_token{3};
  fresh.images.push_back({std::make_shared<std::vector<std::byte>>(9), {}});
  fresh.no_cache = true;
  ask<generation_result>(client, generate_atom_v, fresh);
  CHECK(http->requests.size() == 2);
}

TEST_CASE_METHOD(gemini_fixture, "what calls cost is added up by user and kept") {
  add_records();
  spent = {{"2025-12-31", "u1", {3, 0, 0, 0, 90'000}}};  // the provider's day of the base date
  start();
  const auto made = generate(1);
  answer(0, picture());
  CHECK(made.answer()->cost == 11);  // 7 tokens at $1.50 for a million, rounded up
  REQUIRE(recorded.size() == 1);
  CHECK(recorded[0].user_id == "u1");
  CHECK(recorded[0].amount.cost == 11);
  const auto report = call<spending_report>(limits, spending_atom_v);
  CHECK(report->total.cost == 90'011);
  CHECK(report->reserved == 0);
  CHECK(report->users.at(0).amount.calls == 4);
}

TEST_CASE_METHOD(gemini_fixture, "a call that may be billed unseen is accounted at its highest") {
  add_records();
  start();
  generate(1);
  break_off(0, error_class::timeout, true);
  REQUIRE(recorded.size() == 1);
  CHECK(recorded[0].amount.cost > 33'600);
  generate(2);
  break_off(1, error_class::connection, false);
  CHECK(recorded.size() == 1);
}

TEST_CASE_METHOD(gemini_fixture, "calls wait while those under way may use up the budget") {
  config.gemini.budget_per_day = 0.15;  // two calls, as they are reserved
  start();
  add_queue();
  generate(1);
  generate(2);
  const auto waiting = generate(3);
  CHECK(http->requests.size() == 2);
  CHECK_FALSE(waiting.has_answer());
  CHECK_FALSE(is_set(capacity->closed_until));
  // What was reserved too much makes room.
  answer(0, picture());
  CHECK(http->requests.size() == 3);
}

TEST_CASE_METHOD(gemini_fixture, "jobs wait for the next day where the budget is spent") {
  config.gemini.budget_per_day = 0.15;
  start();
  add_queue();
  generate(1);
  generate(2);
  const auto waiting = generate(3);
  break_off(0, error_class::timeout, true);
  break_off(1, error_class::timeout, true);
  CHECK(http->requests.size() == 2);
  REQUIRE(waiting.answer().error().kind == error_class::held);
  CHECK(waiting.answer().error().message.find("budget") != std::string::npos);
  REQUIRE(capacity);
  CHECK(capacity->closed_until == now() + waiting.answer().error().retry_after);
  CHECK(generate(4).answer().error().kind == error_class::held);
  config.gemini.budget_per_day = 0.3;
  change_settings();
  CHECK_FALSE(is_set(capacity->closed_until));
  generate(5);
  CHECK(http->requests.size() == 3);
}

TEST_CASE_METHOD(gemini_fixture, "one user's budget holds that user's jobs only") {
  config.gemini.budget_per_user = 0.08;
  start();
  generate(1);
  const auto waiting = generate(2);
  CHECK_FALSE(waiting.has_answer());
  generation_request other;
  other.attempt.token = fencing_token{3};
  other.images.push_back({std::make_shared<std::vector<std::byte>>(9), {}});
  other.user_id = "u2";
  ask<generation_result>(client, generate_atom_v, other);
  CHECK(http->requests.size() == 2);
  break_off(0, error_class::timeout, true);
  CHECK(waiting.answer().error().kind == error_class::held);
  CHECK(http->requests.size() == 2);
}
