// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace stayler::adapters {

/// The Lua text of redis_job_script.lua.
std::string_view redis_job_script() noexcept;

}  // namespace stayler::adapters
