// SPDX-License-Identifier: MIT

// Who may call the provider: permits, and what becomes of them when their holders do not settle.

#include "actors/provider/limits/provider_limits.hpp"

#include "adapters/gemini/provider_keys.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

namespace {

constexpr micro_dollars price = 40'000;

class limits_fixture : public fixture {
 public:
  limits_fixture() {
    options.config.gemini.api_key = "secret-key";
    options.config.gemini.max_concurrency = 2;
    options.clock = clock();
    options.metrics = spawn_fake<metrics_actor>([](caf::event_based_actor*) -> caf::behavior {
      return {[](const provider_status&) {}};
    });
    options.records = spawn_fake<record_io_actor>(
        [](caf::event_based_actor*, limits_fixture* test) -> caf::behavior {
          return {
              [](spending_atom, const std::string&) { return std::vector<user_spending>{}; },
              [test](record_atom, const user_spending& entry) {
                test->recorded.push_back(entry);
                return unit_value{};
              },
              [test](limits_atom) { return test->found; },
              [test](record_atom, const found_limit& limit) {
                test->kept.push_back(limit);
                return unit_value{};
              }};
        },
        this
    );
    start();
  }

  void start() { limits = spawn(actors::provider_limits, options); }

  static attempt_id attempt(std::uint64_t token) { return {job_id{}, fencing_token{token}}; }

  static call_request wish(std::uint64_t token, const std::string& user = "u1") {
    return {attempt(token), user, price, seconds{60}, false};
  }

  pending<call_permit> admit(std::uint64_t token, const std::string& user = "u1") {
    return ask<call_permit>(limits, admit_atom_v, wish(token, user));
  }

  void settle(std::uint64_t token, const failure& error = {}, const spending& cost = {}) {
    tell(limits, settle_atom_v, call_outcome{attempt(token), "u1", true, error, cost});
  }

  /// Somebody else than the test who gets a permit and does nothing with it.
  caf::actor add_holder(std::uint64_t token) {
    return spawn(
        [](caf::event_based_actor* self, const call_limits_actor& whom,
           const call_request& request) -> caf::behavior {
          self->request(whom, caf::infinite, admit_atom_v, request)
              .then([](const call_permit&) {}, [](const caf::error&) {});
          return {[](unit_value) {}};
        },
        call_limits_actor{limits}, wish(token)
    );
  }

  /// A exchange on which the others are what the test says.
  void add_board() {
    options.instance_id = "b";
    options.exchange = spawn_fake<limit_exchange_actor>(
        [](caf::event_based_actor*, limits_fixture* test) -> caf::behavior {
          return {
              [test](
                  share_atom, const std::string& record
              ) -> caf::result<std::vector<std::string>> {
                test->shown = *policies::decode_peer_record(record);
                if (test->is_board_away) {
                  return actors::to_error(failure{error_class::unavailable, "no Redis"});
                }
                std::vector<std::string> texts{"what no coordinator says"};
                for (const policies::peer_record& other : test->others) {
                  texts.push_back(encode(other));
                }
                return texts;
              }};
        },
        this
    );
    start();
  }

  provider_status status() { return *call<provider_status>(limits, status_atom_v); }
  spending_report spent() { return *call<spending_report>(limits, spending_atom_v); }

  actors::provider_limits_options options;
  std::vector<user_spending> recorded;
  std::vector<found_limit> found;  ///< what a process before has kept
  std::vector<found_limit> kept;
  std::vector<policies::peer_record> others;
  policies::peer_record shown;
  bool is_board_away = false;
  actors::provider_limits_impl limits;
};

}  // namespace

TEST_CASE_METHOD(limits_fixture, "a permit names its key without giving it away") {
  const auto permit = admit(1);
  REQUIRE(permit.answer());
  CHECK(permit.answer()->key_id == adapters::key_id_of("secret-key"));
  CHECK(permit.answer()->key_id.size() == 16);
  CHECK(permit.answer()->key_id.find("secret") == std::string::npos);
}

TEST_CASE_METHOD(limits_fixture, "without any key nobody waits for a permit") {
  options.config.gemini.api_key.clear();
  start();
  const auto refused = admit(1);
  CHECK(refused.answer().error().kind == error_class::authentication);
  CHECK(refused.answer().error().message.find("GEMINI_API_KEY") != std::string::npos);
}

TEST_CASE_METHOD(
    limits_fixture, "permits are given in order, a repeated call's before the others"
) {
  admit(1);
  admit(2);
  const auto third = admit(3);
  call_request again = wish(4);
  again.requeue_first = true;
  const auto repeated = ask<call_permit>(limits, admit_atom_v, again);
  CHECK(status().calls_in_flight == 2);
  CHECK(status().calls_waiting == 2);
  settle(1);
  CHECK(repeated.has_answer());
  CHECK_FALSE(third.has_answer());
  settle(2);
  CHECK(third.answer());
}

TEST_CASE_METHOD(limits_fixture, "a request that is settled or aborted is not served any more") {
  admit(1);
  admit(2);
  const auto settled = admit(3);
  const auto aborted = admit(4);
  tell(limits, settle_atom_v, call_outcome{attempt(3), "u1", false, {}, {}});
  tell(limits, abort_atom_v, attempt(4));
  CHECK(settled.answer().error().kind == error_class::cancelled);
  CHECK(aborted.answer().error().kind == error_class::cancelled);
  CHECK(status().calls_waiting == 0);
  settle(1);
  CHECK(status().calls_in_flight == 1);
  CHECK(recorded.empty());
}

TEST_CASE_METHOD(limits_fixture, "the permits of a holder that dies are free for others") {
  const auto holder = add_holder(1);
  admit(2);
  const auto waiting = admit(3);
  CHECK_FALSE(waiting.has_answer());
  kill(holder);
  CHECK(waiting.answer());
  // Nobody knows how far the call was: it counts at what it may have cost.
  REQUIRE(recorded.size() == 1);
  CHECK(recorded[0].user_id == "u1");
  CHECK(recorded[0].amount.cost == price);
}

TEST_CASE_METHOD(limits_fixture, "a holder that dies while it waits is not given a permit") {
  admit(1);
  admit(2);
  const auto holder = add_holder(3);
  CHECK(status().calls_waiting == 1);
  kill(holder);
  settle(1);
  CHECK(status().calls_in_flight == 1);
}

TEST_CASE_METHOD(
    limits_fixture, "a permit that was taken back and is settled after all costs once"
) {
  admit(1);
  tell(limits, abort_atom_v, attempt(1));
  CHECK(status().calls_in_flight == 0);
  settle(1, {}, {1, 0, 0, 0, 11});
  REQUIRE(recorded.size() == 1);
  CHECK(spent().total.cost == price);
  CHECK(spent().reserved == 0);
}

TEST_CASE_METHOD(
    limits_fixture, "a permit that is never settled is taken back after its deadline"
) {
  admit(1);
  advance(seconds{80}, seconds{1});
  CHECK(status().calls_in_flight == 1);
  advance(seconds{20}, seconds{1});
  CHECK(status().calls_in_flight == 0);
  CHECK(spent().total.cost == price);
}

TEST_CASE_METHOD(
    limits_fixture, "a request whose turn does not come in time goes back, not tried"
) {
  admit(1);
  admit(2);
  const auto late = admit(3);
  advance(seconds{65}, seconds{1});
  CHECK(late.answer().error().kind == error_class::held);
}

TEST_CASE_METHOD(limits_fixture, "calls that outlive a restart of the limits are settled") {
  admit(1);
  kill(limits);
  start();
  settle(1, {}, {1, 0, 0, 0, 11});
  CHECK(status().calls_in_flight == 0);
  CHECK(spent().total.cost == 11);
  REQUIRE(recorded.size() == 1);
  CHECK(recorded[0].user_id == "u1");
}

TEST_CASE_METHOD(limits_fixture, "an attempt that asks twice holds one permit") {
  admit(1);
  admit(1);
  CHECK(status().calls_in_flight == 1);
  CHECK(spent().reserved == price);
}

TEST_CASE_METHOD(
    limits_fixture, "coordinators show each other how they stand, and share the limits"
) {
  options.config.gemini.max_concurrency = 10;
  add_board();
  CHECK(status().coordinators == 1);
  const std::string id = adapters::key_id_of("secret-key");
  others = {{"a", {{id, 50, 50, 120, 7, {}}}, 3, 64, 0, true, {}}};
  for (std::uint64_t i = 1; i <= 8; ++i) {
    admit(i);
  }
  CHECK(status().calls_in_flight == 8);
  advance(seconds{1});
  CHECK(status().coordinators == 2);
  CHECK(status().requests_per_minute == 120);
  CHECK(shown.instance_id == "b");
  CHECK(shown.in_flight == 8);
  CHECK(shown.keys.at(0).recent == 8);
  // Both want more than there is: each has a half.
  admit(9);
  admit(10);
  admit(11);
  advance(seconds{1});
  CHECK(status().max_in_flight == 5);
}

TEST_CASE_METHOD(
    limits_fixture, "what the others have spent counts, and while they may spend it too"
) {
  options.config.gemini.budget_per_day = 0.1;
  add_board();
  others = {{"c", {}, 0, 64, 0, false, {"2025-12-31", {}, 80'000, {}}}};
  advance(seconds{1});
  const auto waiting = admit(1);
  CHECK_FALSE(waiting.has_answer());
  others[0].account.reserved = 0;
  others[0].account.total = {1, 0, 0, 0, 20'000};
  advance(seconds{1});
  CHECK(waiting.answer());
  CHECK(spent().total.cost == 20'000);
  others[0].account.total.cost = 90'000;
  advance(seconds{1});
  CHECK(admit(2).answer().error().kind == error_class::held);
}

TEST_CASE_METHOD(limits_fixture, "coordinators tell each other how many workers have joined them") {
  others = {{"a", {}, 0, 64, 0, false, {}, 16}, {"c", {}, 0, 64, 0, false, {}, 8}};
  add_board();
  tell(limits, share_atom_v, std::uint32_t{5});
  advance(seconds{1});
  CHECK(shown.workers == 5);
  CHECK(status().workers_of_all == 29);
  others.pop_back();
  advance(seconds{1});
  CHECK(status().workers_of_all == 21);
  is_board_away = true;
  advance(seconds{7});
  CHECK(status().workers_of_all == 5);
}

TEST_CASE_METHOD(limits_fixture, "where the exchange is away the others fade, and calls go on") {
  others = {{"a", {}, 0, 64, 0, false, {}}};
  add_board();
  REQUIRE(status().coordinators == 2);
  is_board_away = true;
  advance(seconds{3});
  CHECK(status().coordinators == 2);
  advance(seconds{4});
  CHECK(status().coordinators == 1);
  CHECK(admit(1).answer());
  is_board_away = false;
  advance(seconds{1});
  CHECK(status().coordinators == 2);
}

TEST_CASE_METHOD(limits_fixture, "permits are given as fast as the limit opens by time") {
  options.config.gemini.max_concurrency = 0;
  start();
  for (std::uint64_t i = 1; i <= 500; ++i) {
    admit(i);
  }
  CHECK(status().calls_in_flight == 16);
  advance(seconds{10}, milliseconds{100});
  CHECK(status().calls_in_flight == 500);
}

TEST_CASE_METHOD(
    limits_fixture, "what was found of the limits is kept, and known after a restart"
) {
  options.config.gemini.max_concurrency = 0;
  start();
  for (std::uint64_t i = 1; i <= 400; ++i) {
    admit(i);
  }
  CHECK(kept.empty());
  advance(seconds{20}, milliseconds{100});
  REQUIRE_FALSE(kept.empty());
  CHECK(kept.back().name == options.config.gemini.model + "/calls");
  CHECK(kept.back().value >= 200);
  found = {kept.back()};
  kill(limits);
  start();
  CHECK(status().max_in_flight >= kept.back().value * 9 / 10);
  // Nothing has changed: nothing is written.
  kept.clear();
  advance(seconds{60}, seconds{1});
  CHECK(kept.empty());
}
