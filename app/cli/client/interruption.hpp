// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace stayler::cli {

/// From now on Ctrl-C, SIGTERM and SIGHUP are noted, and what waits ends by itself. A second one
/// ends the process at once.
void watch_interruptions() noexcept;

/// True once there was one.
bool was_interrupted() noexcept;

/// Waits for that long, or until there is an interruption.
void pause_for(std::chrono::milliseconds time) noexcept;

}  // namespace stayler::cli
