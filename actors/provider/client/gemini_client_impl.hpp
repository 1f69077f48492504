// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/http_outcome.hpp"
#include "messages/protocol.hpp"

#include <caf/all.hpp>

#include <cstdint>

namespace stayler::actors {

/// What the Gemini client tells itself, beside its public interface. The numbers name calls, and
/// rounds of the setup's check.
using gemini_client_impl = gemini_client_actor::extend<
    caf::reacts_to<http_done_atom, std::uint64_t, http_outcome>,
    /// Time to send that call again.
    caf::reacts_to<resend_atom, std::uint64_t>,
    /// The provider has all of that call's sending of that number.
    caf::reacts_to<body_taken_atom, std::uint64_t, std::uint32_t>,
    /// A refusal of that sending would have come by now.
    caf::reacts_to<release_atom, std::uint64_t, std::uint32_t>,
    /// Time for the next round of the setup's check.
    caf::reacts_to<check_setup_atom, std::uint64_t>,
    /// The answer to a question of that round.
    caf::reacts_to<check_setup_atom, std::uint64_t, http_outcome>>;

}  // namespace stayler::actors
