// SPDX-License-Identifier: MIT
#pragma once

// Whose conversions are: a job must not name that of another user.

#include "http/api/routes/routes.hpp"

#include <functional>
#include <string>
#include <vector>

namespace stayler::http {

/// What a job says about a conversion: that it is this user's.
struct conversion_claim {
  std::string conversion_id;  ///< empty: none
  std::string user_id;
};

/// Looks whether the records know the conversions as another user's. `done` gets, for each claim,
/// why its job cannot be submitted; it is called on the bridge's actor. What the records cannot
/// tell for the moment is a reason for callers that are limited to some users; jobs of others are
/// let in, and are refused at the record.
void check_conversion_owners(
    const context_ptr& api,
    const caller& caller,
    const std::vector<conversion_claim>& claims,
    std::function<void(const std::vector<failure>&)> done
);

}  // namespace stayler::http
