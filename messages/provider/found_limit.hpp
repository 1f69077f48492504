// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler {

/// A limit of the provider that was found out, as it is kept for the time after a restart.
struct found_limit {
  std::string name;  ///< of what: the model, and "calls" in flight or a key's id, for its quota
  std::uint32_t value = 0;
  bool is_ceiling = false;  ///< more was refused; otherwise nobody has tried
  timestamp found_at;

  friend bool operator==(const found_limit&, const found_limit&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, found_limit& x) {
  return f(x.name, x.value, x.is_ceiling, x.found_at);
}

}  // namespace stayler
