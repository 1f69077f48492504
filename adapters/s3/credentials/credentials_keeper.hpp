// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "adapters/s3/credentials/credentials_place.hpp"
#include "adapters/s3/credentials/credentials_source.hpp"

#include <cstdint>
#include <memory>

namespace stayler::adapters {

/// When the next key is asked for, where this one has been got now: five minutes before it ends, as
/// places then have the next one; of a short life, at its half. At once where it has ended. A key
/// without an end is asked for again after an hour.
milliseconds time_to_renewal(std::optional<timestamp> expires_at, timestamp now);

/// The pause after so many tries in a row that have failed: from a second to half a minute.
milliseconds pause_after_failures(std::uint32_t failures);

/// How hasty a keeper is.
struct keeper_pace {
  milliseconds least{1'000};   ///< between two questions to the place
  milliseconds margin{5'000};  ///< before its end a key no longer holds: for calls on their way
};

/// Keeps the key that a place gives out, and asks for the next one before it ends, on a thread of
/// its own, so that callers wait only where none holds: at the start, and after an outage of the
/// place that has outlasted the key. Then they get the old one all the same: the store may know it
/// to hold still, and says so otherwise.
std::shared_ptr<credentials_source> make_credentials_keeper(
    std::unique_ptr<credentials_place> place,
    std::shared_ptr<const wall_clock> clock = std::make_shared<system_wall_clock>(),
    keeper_pace pace = {}
);

}  // namespace stayler::adapters
