// SPDX-License-Identifier: MIT
#pragma once

#include "actors/service_tree.hpp"
#include "messages/result.hpp"
#include "messages/settings.hpp"

namespace stayler::app {

/// Opens the ports that the settings choose: folders, files, connections. Errors name what could
/// not be opened, and why.
result<actors::service_ports> open_ports(const settings& config);

/// Runs the service until a signal or a failure ends it. Returns the process's exit code: 0 after
/// an orderly stop, 1 after a failure.
int run_service(const settings& config);

}  // namespace stayler::app
