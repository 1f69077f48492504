// SPDX-License-Identifier: MIT
#pragma once

#include "messages/provider/spending.hpp"

namespace stayler {

/// As people read money, and metrics and traces tell it.
constexpr double in_dollars(micro_dollars amount) noexcept {
  return static_cast<double>(amount) / 1e6;
}

}  // namespace stayler
