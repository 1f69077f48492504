// SPDX-License-Identifier: MIT
#include "messages/provider/generation.hpp"

namespace stayler {

std::string_view to_string(breaker_state state) noexcept {
  switch (state) {
    case breaker_state::closed:
      return "closed";
    case breaker_state::open:
      return "open";
    case breaker_state::half_open:
      break;
  }
  return "half_open";
}

}  // namespace stayler
