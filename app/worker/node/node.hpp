// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"

namespace stayler::app {

/// Runs a worker node until a signal or a failure ends it. Returns the process's exit code.
int run_node(const settings& config);

}  // namespace stayler::app
