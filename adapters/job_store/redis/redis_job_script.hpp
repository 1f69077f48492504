// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace stayler::adapters {

/// The script that applies commands (redis_commands.hpp) to a queue, as Redis is to load it: the
/// constants that it shares with C++, then the modules.
std::string_view redis_job_script();

/// The files in lua/, joined.
std::string_view lua_modules() noexcept;

}  // namespace stayler::adapters
