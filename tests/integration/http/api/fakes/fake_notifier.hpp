// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

namespace stayler::test {

/// A notifier with three notifications: e1 was given up, e2 is open, e3 was delivered. It delivers
/// e1 by hand, and knows that another coordinator has e2.
notifier_actor spawn_fake_notifier(caf::actor_system& system);

}  // namespace stayler::test
