// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/limit_exchange/limit_exchange.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct limit_exchange_options {
  std::shared_ptr<adapters::limit_exchange> exchange;
};

struct limit_exchange_state {
  const char* name = "limit_exchange";
};

/// Serves the exchange that all coordinators share. Its calls wait for a network: spawn it
/// detached.
limit_exchange_actor::behavior_type limit_exchange(
    limit_exchange_actor::stateful_pointer<limit_exchange_state> self,
    limit_exchange_options options
);

}  // namespace stayler::actors
