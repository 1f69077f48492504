// SPDX-License-Identifier: MIT
#include "actors/provider/limits/limit_exchange.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/reply_promise.hpp"

#include <utility>

namespace stayler::actors {

limit_exchange_actor::behavior_type limit_exchange_state::make_behavior(
    limit_exchange_options options
) {
  install_supervision(self_);
  options_ = std::move(options);
  return {
      [this](share_atom, const std::string& record) {
        return to_caf_result(options_.exchange->share(record));
      },
  };
}

limit_exchange_actor::behavior_type limit_exchange(
    limit_exchange_state::pointer self, limit_exchange_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
