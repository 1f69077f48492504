// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/failure.hpp"
#include "messages/type_ids.hpp"

#include <caf/all.hpp>

#include <cstdint>
#include <stdexcept>
#include <thread>

namespace stayler::actors {

/// How a child of the supervisor answers when it is asked whether it lives.
struct ping_reply {
  std::uint64_t mailbox = 0;  ///< messages that wait for it
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::ping_reply)

namespace stayler::actors {

/// What the supervisor alone says to its children; a default handler gets it.
inline caf::result<caf::message> handle_supervisor_message(
    caf::scheduled_actor* child, caf::message_view& view
) {
  const auto& said = view.content();
  if (said.match_elements<caf::ping_atom>()) {
    return caf::make_message(ping_reply{child->mailbox().size()});
  }
  if (said.match_elements<fault_atom, milliseconds>()) {
    const auto how_long = said.get_as<milliseconds>(1);
    if (how_long.count() == 0) {
      throw std::runtime_error{"injected fault"};
    }
    std::this_thread::sleep_for(how_long);  // just what must not happen, and is asked for
    return caf::make_message();
  }
  return caf::print_and_drop(child, view);
}

/// Makes the actor a proper child of the supervisor: it ends with what it threw as its reason,
/// answers pings, and plays the faults that WORKER_ENABLE_CHAOS allows. None of this is part of an
/// actor's public interface, as exit and down messages are not: only the supervisor says it.
template <class Self>
void install_supervision(Self* self) {
  end_by_exception(self);
  static_cast<caf::scheduled_actor*>(self)->set_default_handler(handle_supervisor_message);
}

}  // namespace stayler::actors
