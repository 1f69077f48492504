// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

/// What is allowed, but leaves open what an operator hardly wants open: a line for each, with the
/// variable that closes it. For the log, at the start.
std::vector<std::string> warnings_about(const settings& config);

}  // namespace stayler::adapters
