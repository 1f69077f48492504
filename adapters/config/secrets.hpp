// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

/// What must not be shown anywhere: the values of all options that are secrets, and the parts of
/// them that may stand alone: each of several keys, the password of a URL.
std::vector<std::string> secrets_in(const settings& config);

}  // namespace stayler::adapters
