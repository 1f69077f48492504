// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

#include <caf/all.hpp>

namespace stayler::actors {

/// What provider_limits tells itself, beside its public interface.
using provider_limits_impl = provider_limits_actor::extend<
    /// The provider may have opened.
    caf::reacts_to<reopen_atom>,
    /// Some request or permit may have run out of time.
    caf::reacts_to<expire_atom>,
    /// Time to exchange state with the other coordinators.
    caf::reacts_to<exchange_atom>,
    /// Time to keep what has been found of the limits.
    caf::reacts_to<limits_atom>>;

}  // namespace stayler::actors
