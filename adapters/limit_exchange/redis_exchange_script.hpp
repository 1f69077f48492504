// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace stayler::adapters {

/// The Lua script behind redis_peer_board.cpp.
std::string_view redis_peer_script() noexcept;

}  // namespace stayler::adapters
