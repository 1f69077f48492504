// SPDX-License-Identifier: MIT
#include "adapters/gemini/price_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace stayler::adapters {

namespace {

// The provider's list, 2026-10: per picture of 1,120 tokens (1K), or as dear as its text output.
const std::vector<model_prices>& known_models() {
  static const std::vector<model_prices> table{
      {"gemini-nano-banana-2.1", 1.50, 7.50, 30.0},
      {"gemini-3.1-flash-lite-image", 0.25, 7.50, 30.0},
      {"gemini-3.1-flash-image", 0.50, 7.50, 60.0},
      {"gemini-3-pro-image", 2.00, 12.0, 120.0},
      {"gemini-2.5-flash-image", 0.30, 7.50, 35.0},
  };
  return table;
}

/// What a call that could wait costs of the price of any other.
constexpr double flex_share = 0.5;

/// Tokens that a request and its thoughts may take on top of the picture, generously.
constexpr double most_prompt_tokens = 4'000;
constexpr double most_text_tokens = 4'000;

double most_image_tokens(std::string_view size) {
  return size == "4K" ? 3'780 : size == "2K" ? 1'680 : 1'120;
}

failure malformed(std::string_view part) {
  return {
      error_class::invalid_input,
      "\"" + std::string{part}
          + "\" is no price: use MODEL=INPUT/TEXT/IMAGE, US dollars for a million tokens",
      {}};
}

bool read_price(std::string_view text, double& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size() && into >= 0 && into <= 1'000'000;
}

result<model_prices> read_entry(std::string_view part) {
  const auto equals = part.find('=');
  const auto first = part.find('/', std::min(equals, part.size()));
  const auto second = first == std::string_view::npos ? first : part.find('/', first + 1);
  if (second == std::string_view::npos || equals == 0) {
    return malformed(part);
  }
  model_prices prices;
  prices.model = part.substr(0, equals);
  if (!read_price(part.substr(equals + 1, first - equals - 1), prices.input)
      || !read_price(part.substr(first + 1, second - first - 1), prices.text)
      || !read_price(part.substr(second + 1), prices.image)) {
    return malformed(part);
  }
  return prices;
}

micro_dollars rounded_up(double micros) {
  return static_cast<micro_dollars>(std::ceil(micros));
}

}  // namespace

result<std::vector<model_prices>> read_prices(std::string_view text) {
  std::vector<model_prices> table;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto entry = read_entry(text.substr(0, comma));
    if (!entry) {
      return std::move(entry).error();
    }
    table.push_back(std::move(*entry));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  table.insert(table.end(), known_models().begin(), known_models().end());
  return table;
}

const model_prices& prices_of(const std::vector<model_prices>& table, std::string_view model) {
  const auto known = std::ranges::find(table, model, &model_prices::model);
  return known != table.end() ? *known : *std::ranges::max_element(table, {}, &model_prices::image);
}

spending price(const token_usage& usage, const model_prices& prices) {
  spending cost;
  cost.calls = 1;
  cost.prompt_tokens = usage.prompt_tokens;
  // Details by modality need not add up: what is not known to be text is billed as picture.
  cost.image_tokens =
      usage.output_image_tokens > 0 ? usage.output_image_tokens : usage.output_tokens;
  cost.text_tokens =
      usage.thought_tokens + usage.output_tokens - std::min(usage.output_tokens, cost.image_tokens);
  const double at_full_price = static_cast<double>(cost.prompt_tokens) * prices.input
                               + static_cast<double>(cost.text_tokens) * prices.text
                               + static_cast<double>(cost.image_tokens) * prices.image;
  cost.cost = rounded_up(usage.is_flex ? at_full_price * flex_share : at_full_price);
  return cost;
}

micro_dollars highest_price(const generation_request& request, const model_prices& prices) {
  return rounded_up(
      most_prompt_tokens * prices.input + most_text_tokens * prices.text
      + most_image_tokens(request.image_size) * prices.image
  );
}

}  // namespace stayler::adapters
