// SPDX-License-Identifier: MIT
#include "http/api/bulk/retry_cost.hpp"

#include "adapters/gemini/model_list.hpp"
#include "adapters/gemini/price_table.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"

#include <algorithm>

namespace stayler::http {

namespace {

/// Of a call for a picture of that quality, by the dearest of the models that may be asked.
micro_dollars dearest_call(const gemini_settings& config, const std::string& quality) {
  const auto table = adapters::read_prices(config.prices);
  if (!table) {
    return 0;
  }
  generation_request request;
  request.image_size = adapters::image_size_for(quality);
  micro_dollars dearest = 0;
  for (const std::string& model : adapters::models_of(config)) {
    const auto& prices = adapters::prices_of(*table, model);
    dearest = std::max(dearest, adapters::highest_price(request, prices));
  }
  return dearest;
}

}  // namespace

retry_cost::retry_cost(const gemini_settings& config)
    : price_of_high_(dearest_call(config, "high")), price_of_other_(dearest_call(config, "")) {}

void retry_cost::add(const job& retried) {
  const job_request& request = retried.request;
  if (request.type != job_type::image_conversion) {
    return;
  }
  const bool is_high = request.payload.options.quality == "high";
  const std::uint64_t attempts = std::uint64_t{request.max_retries} + 1;
  at_most_ += attempts * (is_high ? price_of_high_ : price_of_other_);
  ++callers_;
}

std::optional<micro_dollars> retry_cost::expected(const spending& of_today) const noexcept {
  if (of_today.calls == 0) {
    return std::nullopt;
  }
  return callers_ * of_today.cost / of_today.calls;
}

}  // namespace stayler::http
