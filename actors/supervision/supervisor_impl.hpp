// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

#include <caf/all.hpp>

#include <string>

namespace stayler::actors {

/// The supervisor's own messages, beside its public interface.
using supervisor_impl = supervisor_actor::extend<
    /// The child of that address was told to end, or killed, and has had its time.
    caf::reacts_to<end_overdue_atom, caf::actor_addr>,
    /// A child has waited long enough after its failure: start what is missing.
    caf::reacts_to<end_backoff_atom, std::string>,
    /// Time to ask the children whether they live.
    caf::reacts_to<check_children_atom>>;

}  // namespace stayler::actors
