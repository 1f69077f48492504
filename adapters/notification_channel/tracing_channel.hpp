// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/notification_channel/notification_channel.hpp"
#include "adapters/tracing/span_buffer.hpp"

#include <memory>

namespace stayler::adapters {

/// The same channel, which also records each delivery; the receiver is told of that span as the one
/// that its own work is below.
std::unique_ptr<notification_channel> make_tracing_channel(
    std::unique_ptr<notification_channel> inner, span_buffer_ptr spans
);

}  // namespace stayler::adapters
