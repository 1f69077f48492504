// SPDX-License-Identifier: MIT

// What a dry run shows, and that a run is held to it.

#include "http/api/bulk/bulk_preview.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using http::bulk_request;
using http::bulk_tokens;

namespace {

const timestamp token_time{480'000h};

bulk_request retry_of(const std::string& user) {
  bulk_request asked;
  asked.jobs.filter.user_id = user;
  return asked;
}

}  // namespace

TEST_CASE("a token is good for the request, the caller and the time that it was made for") {
  const bulk_tokens tokens{"secret"};
  const bulk_tokens::preview seen{job_id{make_uuid_v7(token_time)}, 212};
  auto asked = retry_of("ann");
  asked.token = tokens.sign(asked, "key", seen, token_time + 10min);
  const auto checked = tokens.check(asked, "key", token_time);
  REQUIRE(checked);
  CHECK(checked->newest == seen.newest);
  CHECK(checked->count == 212);
  CHECK_FALSE(tokens.check(asked, "other", token_time));
  CHECK_FALSE(tokens.check(asked, "key", token_time + 10min));
  CHECK_FALSE(bulk_tokens{"other secret"}.check(asked, "key", token_time));
  auto other = asked;
  other.jobs.filter.user_id = "bob";
  CHECK_FALSE(tokens.check(other, "key", token_time));
  other = asked;
  other.jobs.group = "9f2c";
  CHECK_FALSE(tokens.check(other, "key", token_time));
  other = asked;
  other.action = http::bulk_action::drop;
  CHECK_FALSE(tokens.check(other, "key", token_time));
}

TEST_CASE("a token that was changed, or is none, is not taken") {
  const bulk_tokens tokens{"secret"};
  auto asked = retry_of("ann");
  const auto good =
      tokens.sign(asked, "", {job_id{make_uuid_v7(token_time)}, 2}, token_time + 10min);
  for (const std::string& bad :
       {good + "0", good.substr(1), "f" + good.substr(1), std::string{}, std::string{"a.b.c.d"}}) {
    INFO(bad);
    asked.token = bad;
    CHECK_FALSE(tokens.check(asked, "", token_time));
  }
}

TEST_CASE("a preview counts by status, shows a few, and knows the newest") {
  http::bulk_preview preview;
  job_id first;
  for (int i = 0; i < 7; ++i) {
    job each;
    each.id = job_id{make_uuid_v7(token_time - milliseconds{i})};
    each.status = i < 2 ? job_status::pending : job_status::processing;
    first = i == 0 ? each.id : first;
    CHECK(preview.add(each));
  }
  CHECK(preview.newest() == first);
  const auto json =
      adapters::parse_json(preview.render({http::bulk_action::cancel, true, "t", token_time}))
          .value();
  CHECK(*json.find("action")->as<std::string>() == "cancel");
  CHECK(*json.find("count")->as<std::int64_t>() == 7);
  CHECK(*json.find("byStatus")->find("pending")->as<std::int64_t>() == 2);
  CHECK(json.find("samples")->as<adapters::json_value::array>()->size() == 5);
  CHECK(*json.find("token")->as<std::string>() == "t");
}

TEST_CASE("a preview of what is paid for says what it costs, as far as that is known") {
  gemini_settings config;
  config.model = "one";
  config.prices = "one=0/0/100,two=0/0/200";
  config.fallback_models = "two";
  http::bulk_preview preview{http::retry_cost{config}};
  job each;
  each.request.max_retries = 2;
  preview.add(each);
  each.request.payload.options.quality = "high";
  preview.add(each);
  each.request.type = job_type::image_processing;
  preview.add(each);
  http::bulk_preview::terms shown{http::bulk_action::retry, true, "t", token_time};
  const auto cost_of = [&] {
    const auto json = adapters::parse_json(preview.render(shown)).value();
    return *json.find("cost");
  };
  // Three calls of 1,120 tokens, and three of 1,680, by the dearer model; the third job calls none.
  CHECK(*cost_of().find("atMost")->as<double>() == 1.68);
  CHECK(cost_of().find("expected") == nullptr);
  shown.of_today = {10, 0, 0, 0, 400'000};
  CHECK(*cost_of().find("expected")->as<double>() == 0.08);
}

TEST_CASE("a preview of what costs nothing has no price") {
  const http::bulk_preview preview;
  const auto text = preview.render({http::bulk_action::cancel, true, "t", token_time});
  CHECK(adapters::parse_json(text)->find("cost") == nullptr);
}

TEST_CASE("a preview counts so far and no further") {
  http::bulk_preview preview;
  const job each;
  for (std::uint64_t i = 0; i < http::largest_preview; ++i) {
    preview.add(each);
  }
  CHECK(preview.is_full());
  CHECK_FALSE(preview.add(each));
  CHECK(preview.count() == http::largest_preview);
}
