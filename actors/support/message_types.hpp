// SPDX-License-Identifier: MIT
#pragma once

namespace caf {
class actor_system_config;
}

namespace stayler::actors {

/// Makes every type of messages/type_ids.hpp known to an actor system that is about to be made: all
/// of them can then be sent to other nodes. A function, so that the (costly) templates behind it
/// are compiled once.
void add_message_types(caf::actor_system_config& config);

}  // namespace stayler::actors
