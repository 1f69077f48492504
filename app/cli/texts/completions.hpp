// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace stayler::cli {

/// The completion script for a shell: "bash", "zsh" or "fish". Empty for any other.
std::string completion_script(std::string_view shell);

}  // namespace stayler::cli
