// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/limit_exchange/limit_exchange.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct peer_board_options {
  std::shared_ptr<adapters::peer_board> board;
};

struct peer_board_state {
  const char* name = "peer_board";
};

/// Serves the board that all coordinators share. Its calls wait for a network: spawn it detached.
peer_board_actor::behavior_type peer_board(
    peer_board_actor::stateful_pointer<peer_board_state> self, peer_board_options options
);

}  // namespace stayler::actors
