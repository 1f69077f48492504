// SPDX-License-Identifier: MIT
#include "actors/support/message_types.hpp"

#include "actors/support/failure.hpp"
#include "messages/type_ids.hpp"

namespace stayler::actors {

void add_message_types(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::stayler>();
}

}  // namespace stayler::actors
