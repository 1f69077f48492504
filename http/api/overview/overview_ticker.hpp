// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "http/api/bridge.hpp"
#include "http/api/overview/overview_board.hpp"

#include <memory>

namespace stayler::http {

/// From now on, until the bridge stops, asks the parts of the service at each full `interval` of
/// the clock how they stand, and shows it on the board. A part that does not answer in time is
/// missing there for a while.
void keep_overview(
    const bridge& actors,
    const std::shared_ptr<overview_board>& board,
    const std::shared_ptr<const adapters::wall_clock>& clock,
    milliseconds interval
);

}  // namespace stayler::http
