// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"

#include <string>

namespace stayler {

/// Whether the provider's address, key and models work, as far as a call that costs nothing tells.
/// Local to a process.
struct provider_check {
  enum class verdict : std::uint8_t {
    unknown,  ///< nothing has been asked yet, or this process does not ask
    works,
    untold,  ///< there is an answer, but not one that tells: the first picture will
    broken,
  };

  verdict is = verdict::unknown;
  std::string problem;  ///< untold, broken: which variable is to be looked at, and why
  timestamp at;         ///< of the last answer

  friend bool operator==(const provider_check&, const provider_check&) = default;
};

}  // namespace stayler
