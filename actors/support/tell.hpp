// SPDX-License-Identifier: MIT
#pragma once

#include <caf/all.hpp>

#include <utility>

namespace stayler::actors {

/// Sends a message whose answer, if it has one, nobody waits for. After `self->send` the answer
/// would come back to the sender as a message that it has no handler for; this one has no sender,
/// so that no answer is sent. Use `self->send` where the message has no answer, and `self->request`
/// where the answer matters.
template <class Receiver, class... Args>
void tell(const Receiver& receiver, Args&&... args) {
  caf::anon_send(receiver, std::forward<Args>(args)...);
}

}  // namespace stayler::actors
