// SPDX-License-Identifier: MIT
#include "actors/notifications/outbox_io.hpp"

#include "actors/support/reply_promise.hpp"
#include "adapters/log/log.hpp"

#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::notifier};

}  // namespace

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
          log.warning("the outbox was not swept", {{"reason", swept.error().message}});
        }
      },
  };
}

}  // namespace stayler::actors
