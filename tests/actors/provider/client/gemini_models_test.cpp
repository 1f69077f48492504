// SPDX-License-Identifier: MIT

// Models that stand in for the first, and calls that can wait.

#include "tests/actors/provider/client/gemini_fixture.hpp"

#include <cstddef>
#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

struct models_fixture : gemini_fixture {
  models_fixture() {
    config.gemini.model = "first";
    config.gemini.fallback_models = "second";
    config.gemini.prices = "first=0/0/1000,second=0/0/3000";
    start();
  }

  std::string model_of(std::size_t call) const {
    const std::string& url = http->requests.at(call).url;
    const auto begin = url.rfind('/') + 1;
    return url.substr(begin, url.find(':', begin) - begin);
  }

  std::string body_of(std::size_t call) const {
    std::string text;
    std::string buffer(4'096, '?');
    while (const auto count = http->requests.at(call).body->read(buffer)) {
      text.append(buffer, 0, count);
    }
    return text;
  }

  bool is_flex(std::size_t call) const {
    return body_of(call).find(R"("serviceTier":"flex")") != std::string::npos;
  }

  pending<generation_result> generate_at_leisure(std::uint64_t token) {
    generation_request request;
    request.attempt.token = fencing_token{token};
    request.prompt = "dress";
    request.can_wait = true;
    request.deadline = seconds{500};
    request.images.push_back({std::make_shared<std::vector<std::byte>>(9), {}});
    return ask<generation_result>(client, generate_atom_v, request);
  }

  static adapters::http_response unknown_model() {
    return {404, {}, R"({"error":{"code":404,"status":"NOT_FOUND"}})"};
  }

  static adapters::http_response bad_request() {
    return {400, {}, R"({"error":{"code":400,"status":"INVALID_ARGUMENT"}})"};
  }

  static adapters::http_response picture_of(const std::string& usage) {
    return {
        200,
        {},
        R"({"candidates":[{"content":{"parts":[{"inlineData":{"data":"aGVsbG8="}}]}}],)"
        R"("usageMetadata":{"candidatesTokenCount":10,"totalTokenCount":10)"
            + usage + "}}"};
  }
};

}  // namespace

TEST_CASE_METHOD(models_fixture, "a model that is not known is replaced within the attempt") {
  const auto made = generate();
  CHECK(model_of(0) == "first");
  answer(0, unknown_model());
  REQUIRE(http->requests.size() == 2);
  CHECK(model_of(1) == "second");
  answer(1, picture_of(""));
  REQUIRE(made.answer());
  CHECK(made.answer()->model_version == "second");
  CHECK(made.answer()->cost == 30'000);
  CHECK_FALSE(made.answer()->is_cacheable);
  REQUIRE(events.size() == 2);
  CHECK(events[0].model == "first");
  CHECK(events[1].model == "second");
  generate(2);
  CHECK(model_of(2) == "second");
}

TEST_CASE_METHOD(models_fixture, "where no model is known the job is told so") {
  const auto made = generate();
  answer(0, unknown_model());
  answer(1, unknown_model());
  CHECK(http->requests.size() == 2);
  CHECK(made.answer().error().kind == error_class::not_found);
}

TEST_CASE_METHOD(models_fixture, "a model whose images have gone by then is replaced in a retry") {
  const auto made = generate();
  take_body(0);
  advance(seconds{6});
  answer(0, unknown_model());
  CHECK(http->requests.size() == 1);
  CHECK(made.answer().error().kind == error_class::unavailable);
  generate(2);
  CHECK(model_of(1) == "second");
}

TEST_CASE_METHOD(models_fixture, "an open breaker sends calls to the next model, and says so") {
  fail_ten_calls();
  const auto made = generate(1);
  const std::size_t last = http->requests.size() - 1;
  CHECK(model_of(last) == "second");
  answer(last, picture_of(""));
  CHECK(made.answer());
  const auto status = call<provider_status>(limits, status_atom_v);
  CHECK(status->model == "second");
  CHECK(status->breaker == breaker_state::open);
  CHECK_FALSE(is_set(status->closed_until));
  REQUIRE(status->models.size() == 2);
  CHECK(status->models[1].calls == 1);
}

TEST_CASE_METHOD(models_fixture, "refusals, bad requests and quotas bring no other model in") {
  const auto refused = generate(1);
  answer(0, {200, {}, R"({"candidates":[{"content":{},"finishReason":"IMAGE_SAFETY"}]})"});
  CHECK(refused.answer().error().kind == error_class::safety_blocked);
  const auto bad = generate(2);
  answer(1, bad_request());
  CHECK(bad.answer().error().kind == error_class::invalid_input);
  const auto limited_call = generate(3);
  answer(2, limited("1s"));
  CHECK(limited_call.answer().error().kind == error_class::rate_limited);
  CHECK(http->requests.size() == 3);
  advance(seconds{2});
  generate(4);
  CHECK(model_of(3) == "first");
}

TEST_CASE_METHOD(models_fixture, "a budget is reserved for the dearest model that may serve") {
  config.gemini.budget_per_day = 2.0;
  config.gemini.model = "first";
  change_settings();
  // 1,120 tokens of the second model's picture cost 3.36 dollars.
  const auto made = generate();
  CHECK(http->requests.empty());
  CHECK(made.answer().error().kind == error_class::held);
}

TEST_CASE_METHOD(models_fixture, "a call that can wait has more time, and costs half") {
  const auto made = generate_at_leisure(1);
  CHECK(is_flex(0));
  CHECK(http->requests.at(0).timeout == seconds{500});
  answer(0, picture_of(R"(,"serviceTier":"flex")"));
  REQUIRE(made.answer());
  CHECK(made.answer()->cost == 5'000);
  generate(2);
  CHECK_FALSE(is_flex(1));
  CHECK(http->requests.at(1).timeout == seconds{60});
}

TEST_CASE_METHOD(models_fixture, "half the price is believed only where the answer says so") {
  const auto made = generate_at_leisure(1);
  answer(0, picture_of(R"(,"serviceTier":"standard")"));
  CHECK(made.answer()->cost == 10'000);
}

TEST_CASE_METHOD(models_fixture, "a tier that is refused is done without, for an hour") {
  const auto made = generate_at_leisure(1);
  answer(0, bad_request());
  REQUIRE(http->requests.size() == 2);
  CHECK_FALSE(is_flex(1));
  CHECK(model_of(1) == "first");
  answer(1, picture_of(""));
  CHECK(made.answer());
  generate_at_leisure(2);
  CHECK_FALSE(is_flex(2));
  answer(2, picture_of(""));
  advance(minutes{61}, minutes{1});
  generate_at_leisure(3);
  CHECK(is_flex(http->requests.size() - 1));
}

TEST_CASE_METHOD(models_fixture, "a request that is bad in every tier says nothing of the tier") {
  const auto made = generate_at_leisure(1);
  answer(0, bad_request());
  answer(1, bad_request());
  CHECK(http->requests.size() == 2);
  CHECK(made.answer().error().kind == error_class::invalid_input);
  generate_at_leisure(2);
  CHECK(is_flex(2));
}

TEST_CASE_METHOD(models_fixture, "want of room for calls that can wait opens no breaker") {
  for (std::uint64_t token = 1; token <= 20; ++token) {
    const auto made = generate_at_leisure(token);
    answer(http->requests.size() - 1, overloaded());
    CHECK(made.answer().error().kind == error_class::unavailable);
  }
  CHECK(call<provider_status>(limits, status_atom_v)->breaker == breaker_state::closed);
}

TEST_CASE_METHOD(models_fixture, "who cannot wait does not share the call of one who can") {
  generate_at_leisure(1);
  generate(2, "dress");
  REQUIRE(http->requests.size() == 2);
  CHECK_FALSE(is_flex(1));
}
