// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/outbox/outbox.hpp"

#include <memory>

namespace stayler::adapters {

/// An outbox that lasts as long as the process.
std::unique_ptr<outbox> make_memory_outbox();

}  // namespace stayler::adapters
