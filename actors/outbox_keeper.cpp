// SPDX-License-Identifier: MIT
#include "actors/outbox_keeper.hpp"

#include "actors/answer.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace stayler::actors {

outbox_keeper_actor::behavior_type outbox_keeper(
    outbox_keeper_actor::stateful_pointer<outbox_keeper_state> /*self*/,
    outbox_keeper_options options
) {
  const auto outbox = std::move(options.outbox);
  return {
      [outbox](execute_atom, const adapters::outbox_batch& batch) {
        return to_answer(outbox->execute(batch));
      },
      [outbox](list_atom) { return to_answer(outbox->list_open()); },
      [outbox](tidy_atom, timestamp ended_before) {
        if (const auto swept = outbox->sweep(ended_before); !swept) {
          spdlog::warn("outbox: not swept, again in a while: {}", swept.error().message);
        }
      },
  };
}

}  // namespace stayler::actors
