// SPDX-License-Identifier: MIT

// What calls cost, and when the provider's day ends.

#include "adapters/gemini/price_table.hpp"

#include "adapters/gemini/provider_day.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using namespace stayler;

namespace {

timestamp date(std::string_view text) {
  return *parse_rfc3339(text);
}

}  // namespace

TEST_CASE("the provider's day ends at midnight in Pacific time, summer and winter") {
  using adapters::end_of_provider_day;
  CHECK(end_of_provider_day(date("2026-11-24T12:00:00Z")) == date("2026-11-25T08:00:00Z"));
  CHECK(end_of_provider_day(date("2026-07-01T06:59:59Z")) == date("2026-07-01T07:00:00Z"));
  CHECK(end_of_provider_day(date("2026-07-01T07:00:00Z")) == date("2026-07-02T07:00:00Z"));
  // 23 and 25 hours long.
  CHECK(end_of_provider_day(date("2026-03-08T09:00:00Z")) == date("2026-03-09T07:00:00Z"));
  CHECK(end_of_provider_day(date("2026-11-01T08:00:00Z")) == date("2026-11-02T08:00:00Z"));
  CHECK(adapters::provider_day(date("2026-11-25T07:59:59Z")) == "2026-11-24");
}

TEST_CASE("a call is priced from the provider's own count, by modality") {
  const auto table = adapters::read_prices("mine=1/10/100").value();
  const token_usage usage{560, 1'200, 50, 1'810, 536, 1'120};
  const auto cost = adapters::price(usage, adapters::prices_of(table, "mine"));
  CHECK(cost.prompt_tokens == 560);
  CHECK(cost.image_tokens == 1'120);
  CHECK(cost.text_tokens == 130);
  CHECK(cost.cost == 560 + 1'300 + 112'000);
  // The documented price of a picture: 1,120 tokens are $0.0336.
  const auto& known = adapters::prices_of(table, "gemini-nano-banana-2.1");
  CHECK(adapters::price({0, 1'120, 0, 1'120, 0, 1'120}, known).cost == 33'600);
  // An unknown name is as dear as the dearest.
  CHECK(adapters::prices_of(adapters::read_prices("").value(), "new").image == 120);
}

TEST_CASE("what the provider has billed as a call that could wait costs half") {
  const auto table = adapters::read_prices("mine=1/10/100").value();
  const auto& prices = adapters::prices_of(table, "mine");
  token_usage usage{560, 1'200, 50, 1'810, 536, 1'120};
  const auto full = adapters::price(usage, prices);
  usage.is_flex = true;
  const auto half = adapters::price(usage, prices);
  CHECK(half.cost * 2 == full.cost);
  CHECK(half.image_tokens == full.image_tokens);
}

TEST_CASE("prices that are none are refused with what is allowed") {
  for (const auto* text : {"x", "x=1", "x=1/2", "=1/2/3", "x=1/2/-3", "x=a/2/3", "x=1/2/3,y"}) {
    INFO(text);
    const auto refused = adapters::read_prices(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("MODEL=INPUT/TEXT/IMAGE") != std::string::npos);
  }
}

TEST_CASE("a reservation covers what the call can cost") {
  const auto table = adapters::read_prices("").value();
  generation_request request;
  for (const auto* size : {"", "1K", "2K", "4K"}) {
    request.image_size = size;
    const auto& prices = adapters::prices_of(table, "gemini-nano-banana-2.1");
    const std::uint64_t image = std::string{size} == "4K"   ? 3'780
                                : std::string{size} == "2K" ? 1'680
                                                            : 1'120;
    const token_usage usage{3'000, image, 2'000, 0, 0, image};
    CHECK(adapters::highest_price(request, prices) >= adapters::price(usage, prices).cost);
  }
}
