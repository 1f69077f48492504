// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/service_manager/service_manager.hpp"

#include <memory>

namespace stayler::adapters {

/// systemd, or whoever else listens at NOTIFY_SOCKET, by the protocol of sd_notify(3) and
/// sd_watchdog_enabled(3). Takes the variables out of the environment, so that children do not
/// speak for the service: call it before there are other threads. Null where nobody listens.
std::shared_ptr<service_manager> find_systemd();

}  // namespace stayler::adapters
