// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>

namespace stayler::adapters {

/// The content of a file of at most 1 MiB. not_found or invalid_input, with the reason but without
/// the path.
result<std::string> read_small_file(const std::string& path);

/// The same of a file that holds a value, such as a secret. Editors end it with a line end, and may
/// begin it with a byte order mark; blanks come with copying: none of them is part of the value.
result<std::string> read_value_file(const std::string& path);

}  // namespace stayler::adapters
