// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>

namespace stayler::adapters {

/// Whether the file has certificates of authorities, in PEM, and no broken ones. invalid_input,
/// naming the file and the reason.
void_result check_authorities(const std::string& file);

}  // namespace stayler::adapters
