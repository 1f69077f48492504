// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string_view>

namespace stayler::adapters {

/// Whether a key follows the rule of blob_store; besides, no part may be longer than the 255
/// characters that file systems allow. invalid_input with the key and the rule.
void_result check_blob_key(std::string_view key);

}  // namespace stayler::adapters
