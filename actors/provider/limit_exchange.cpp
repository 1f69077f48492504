// SPDX-License-Identifier: MIT
#include "actors/provider/limit_exchange.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/reply_promise.hpp"

namespace stayler::actors {

limit_exchange_actor::behavior_type limit_exchange(
    limit_exchange_actor::stateful_pointer<limit_exchange_state> self,
    limit_exchange_options options
) {
  install_supervision(self);
  const auto exchange = std::move(options.exchange);
  return {
      [exchange](share_atom, const std::string& record) {
        return to_caf_result(exchange->share(record));
      },
  };
}

}  // namespace stayler::actors
