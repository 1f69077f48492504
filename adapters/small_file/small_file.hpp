// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>

namespace stayler::adapters {

/// The content of a file of at most 1 MiB. not_found or invalid_input, with the reason but without
/// the path.
result<std::string> read_small_file(const std::string& path);

/// The same of a file that holds one value, such as a secret: without the ends of lines behind it.
result<std::string> read_value_file(const std::string& path);

}  // namespace stayler::adapters
