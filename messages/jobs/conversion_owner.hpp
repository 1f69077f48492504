// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <string>

namespace stayler {

/// A conversion belongs to the user who named it first. The refusal of anybody else's job is the
/// same wherever it is noticed, and for all callers: it says that the id is taken, not by whom.
inline failure conversion_of_another(const std::string& conversion_id) {
  return {error_class::conflict, "conversion " + conversion_id + " belongs to another user"};
}

}  // namespace stayler
