// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace stayler::adapters {

/// The Lua script behind redis_limit_exchange.cpp.
std::string_view redis_exchange_script() noexcept;

}  // namespace stayler::adapters
