// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/limit_exchange/limit_exchange.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct limit_exchange_options {
  std::shared_ptr<adapters::limit_exchange> exchange;
};

/// Serves the exchange that all coordinators share.
class limit_exchange_state {
 public:
  static inline const char* name = "limit_exchange";

  using pointer = limit_exchange_actor::stateful_pointer<limit_exchange_state>;

  explicit limit_exchange_state(pointer self) : self_(self) {}

  limit_exchange_actor::behavior_type make_behavior(limit_exchange_options options);

 private:
  pointer self_;
  limit_exchange_options options_;
};

/// The calls wait for a network: spawn it detached.
limit_exchange_actor::behavior_type limit_exchange(
    limit_exchange_state::pointer self, limit_exchange_options options
);

}  // namespace stayler::actors
