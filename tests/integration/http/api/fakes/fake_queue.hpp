// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

#include <caf/all.hpp>

namespace stayler::test {

/// Takes jobs in and ends them; nothing runs.
queue_actor spawn_fake_queue(caf::actor_system& system);

}  // namespace stayler::test
