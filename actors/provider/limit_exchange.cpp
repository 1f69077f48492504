// SPDX-License-Identifier: MIT
#include "actors/provider/limit_exchange.hpp"

#include "actors/support/reply_promise.hpp"
#include "actors/supervision/supervised.hpp"

namespace stayler::actors {

peer_board_actor::behavior_type peer_board(
    peer_board_actor::stateful_pointer<peer_board_state> self, peer_board_options options
) {
  be_supervised(self);
  const auto board = std::move(options.board);
  return {
      [board](share_atom, const std::string& record) { return to_answer(board->share(record)); },
  };
}

}  // namespace stayler::actors
