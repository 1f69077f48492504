// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <cstdlib>

namespace stayler::fuzz {

/// Ends the run where the code under test has broken a promise.
inline void require(bool claim) {
  if (!claim) {
    std::abort();
  }
}

/// What every refusal of a picture has: its class, and a reason that fits an answer.
inline void require_reason(const failure& error) {
  require(error.kind == error_class::invalid_input);
  require(!error.message.empty() && error.message.size() < 200);
}

}  // namespace stayler::fuzz
