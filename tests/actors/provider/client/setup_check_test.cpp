// SPDX-License-Identifier: MIT

// Whether address, key and model work is found out at the start, for nothing.

#include "tests/actors/provider/client/gemini_fixture.hpp"

#include <cstddef>
#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;
using verdict = provider_check::verdict;

namespace {

struct setup_fixture : gemini_fixture {
  setup_fixture() {
    options.checks_setup = true;
    config.gemini.model = "m";
    start();
  }

  provider_check check() { return call<provider_check>(client, status_atom_v).value(); }

  bool is_question(std::size_t request) const { return http->requests.at(request).method == "GET"; }

  static adapters::http_response description() {
    return {200, {}, R"({"name":"models/m","supportedGenerationMethods":["generateContent"]})"};
  }

  static adapters::http_response unknown_model() {
    return {404, {}, R"({"error":{"code":404,"status":"NOT_FOUND","message":"gone"}})"};
  }

  static adapters::http_response no_such_route() { return {404, {}, "<html>nothing here</html>"}; }
};

}  // namespace

TEST_CASE_METHOD(setup_fixture, "the start asks once, for nothing, and counts it nowhere") {
  REQUIRE(http->requests.size() == 1);
  CHECK(is_question(0));
  CHECK(check().is == verdict::unknown);
  answer(0, description());
  CHECK(check().is == verdict::works);
  advance(minutes{30}, minutes{1});
  CHECK(http->requests.size() == 1);
  const auto status = call<provider_status>(limits, status_atom_v);
  CHECK(status->calls == 0);
  CHECK(call<spending_report>(limits, spending_atom_v)->total.calls == 0);
  CHECK(events.empty());
}

TEST_CASE_METHOD(setup_fixture, "what does not work is asked again, at growing pauses") {
  answer(0, unknown_model());
  CHECK(check().is == verdict::broken);
  CHECK(check().problem.starts_with("GEMINI_MODEL: there is no model m"));
  advance(milliseconds{1'990});
  CHECK(http->requests.size() == 1);
  advance(milliseconds{10});
  REQUIRE(http->requests.size() == 2);
  break_off(1, error_class::connection, false);
  CHECK(check().problem.starts_with("GEMINI_BASE_URL"));
  advance(milliseconds{3'990});
  CHECK(http->requests.size() == 2);
  advance(milliseconds{10});
  REQUIRE(http->requests.size() == 3);
  answer(2, description());
  CHECK(check().is == verdict::works);
}

TEST_CASE_METHOD(setup_fixture, "pauses grow to five minutes and no longer") {
  for (int i = 0; i < 12; ++i) {
    answer(http->requests.size() - 1, unknown_model());
    advance(minutes{5}, seconds{1});
  }
  CHECK(http->requests.size() == 13);
}

TEST_CASE_METHOD(setup_fixture, "a change of what was asked about asks at once, another does not") {
  answer(0, unknown_model());
  config.gemini.timeout = seconds{5};
  change_settings();
  CHECK(http->requests.size() == 1);
  config.gemini.model = "n";
  change_settings();
  REQUIRE(http->requests.size() == 2);
  CHECK(http->requests[1].url.ends_with("/models/n"));
  CHECK(check().is == verdict::unknown);
  answer(1, description());
  advance(seconds{10});
  CHECK(http->requests.size() == 2);
}

TEST_CASE_METHOD(setup_fixture, "an answer to what was asked before a change is ignored") {
  config.gemini.api_key = "other";
  change_settings();
  CHECK(http->cancelled == std::vector<std::size_t>{0});
  answer(0, unknown_model());
  CHECK(check().is == verdict::unknown);
  answer(1, description());
  CHECK(check().is == verdict::works);
}

TEST_CASE_METHOD(setup_fixture, "each key and each fallback is asked about, and the worst counts") {
  config.gemini.api_key = "one,two";
  config.gemini.fallback_models = "spare";
  change_settings();
  const std::size_t first = http->requests.size() - 1;
  answer(first, description());
  answer(first + 1, {403, {}, R"({"error":{"code":403,"status":"PERMISSION_DENIED"}})"});
  answer(first + 2, no_such_route());
  CHECK(check().is == verdict::broken);
  CHECK(check().problem.starts_with("GEMINI_API_KEY (key 2 of 2)"));
}

TEST_CASE_METHOD(setup_fixture, "a gateway without the question is cleared by a picture") {
  answer(0, no_such_route());
  CHECK(check().is == verdict::untold);
  const auto made = generate();
  const std::size_t last = http->requests.size() - 1;
  REQUIRE_FALSE(is_question(last));
  answer(last, picture());
  CHECK(made.answer());
  CHECK(check().is == verdict::works);
  advance(minutes{10}, seconds{1});
  CHECK(http->requests.size() == 2);
}

TEST_CASE_METHOD(setup_fixture, "a picture of one key proves nothing of another") {
  config.gemini.api_key = "one,two";
  change_settings();
  const std::size_t first = http->requests.size() - 1;
  answer(first, description());
  answer(first + 1, {403, {}, R"({"error":{"code":403,"status":"PERMISSION_DENIED"}})"});
  generate();
  answer(first + 2, picture());
  CHECK(check().is == verdict::broken);
}

TEST_CASE_METHOD(setup_fixture, "without a key nobody is asked, and that is said") {
  config.gemini.api_key.clear();
  change_settings();
  CHECK(http->requests.size() == 1);
  CHECK(check().is == verdict::broken);
  CHECK(check().problem.starts_with("GEMINI_API_KEY is empty"));
}

TEST_CASE_METHOD(setup_fixture, "a client that ends takes its question back") {
  kill(client);
  CHECK(http->cancelled == std::vector<std::size_t>{0});
}
