// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"

namespace stayler::app {

/// Runs the service, in the role that the settings give it, until a signal or a failure ends it.
/// Returns the process's exit code: 0 after an orderly stop, 1 after a failure.
int run_service(const settings& config);

}  // namespace stayler::app
