// SPDX-License-Identifier: MIT
#pragma once

// The provider's state and its bill.

#include "messages/provider/generation.hpp"
#include "messages/provider/spending.hpp"

#include <string>

namespace stayler::http {

/// GET /worker/provider.
std::string render_provider(const provider_status& status);

/// GET /worker/costs.
std::string render_spending(const spending_report& report);

}  // namespace stayler::http
