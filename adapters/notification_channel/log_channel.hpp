// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/notification_channel/notification_channel.hpp"

#include <memory>

namespace stayler::adapters {

/// Writes one line per notification to the log.
std::unique_ptr<notification_channel> make_log_channel();

}  // namespace stayler::adapters
