// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/event_feed/event_feed.hpp"

#include <memory>

namespace stayler::adapters {

/// Events of this process alone; they end with it.
std::shared_ptr<event_feed> make_memory_event_feed();

}  // namespace stayler::adapters
