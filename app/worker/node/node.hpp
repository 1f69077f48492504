// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/service_manager/service_manager.hpp"
#include "messages/service/settings.hpp"

#include <memory>

namespace stayler::app {

/// Runs a worker node until a signal or a failure ends it; `manager`, which may be null, is told.
/// Returns the process's exit code.
int run_node(const settings& config, std::shared_ptr<adapters::service_manager> manager);

}  // namespace stayler::app
