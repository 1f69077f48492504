// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/provider/generation.hpp"
#include "messages/provider/spending.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// US dollars for a million tokens: which is to say, millionths of a dollar for one.
struct model_prices {
  std::string model;
  double input = 0;
  double text = 0;   ///< output that is no picture, thoughts included
  double image = 0;  ///< output
};

/// The known models' prices, and those of the text "MODEL=INPUT/TEXT/IMAGE,...", which come first.
/// invalid_input where it is not of that form.
result<std::vector<model_prices>> read_prices(std::string_view text);

/// The prices of that model; those of the dearest known one where it is not in the table: a budget
/// must not be overrun because a name is new.
const model_prices& prices_of(const std::vector<model_prices>& table, std::string_view model);

/// What a call has cost, from the provider's own count of its tokens: half of it where the provider
/// has billed it as one that could wait.
spending price(const token_usage& usage, const model_prices& prices);

/// What a call may cost at most, before it is made: for reserving it in a budget. One that can wait
/// may yet be billed in full.
micro_dollars highest_price(const generation_request& request, const model_prices& prices);

}  // namespace stayler::adapters
