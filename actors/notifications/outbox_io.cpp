// SPDX-License-Identifier: MIT
#include "actors/notifications/outbox_io.hpp"

#include "actors/support/reply_promise.hpp"
#include "adapters/log/log.hpp"

#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::notifier::log;

}  // namespace

outbox_io_actor::behavior_type outbox_io(
    outbox_io_actor::stateful_pointer<outbox_io_state> /*self*/, outbox_io_options options
) {
  const auto outbox = std::move(options.outbox);
  return {
      [outbox](execute_atom, const adapters::outbox_batch& batch) {
        return to_caf_result(outbox->execute(batch));
      },
      [outbox](list_atom) { return to_caf_result(outbox->list_open()); },
      [outbox](purge_atom, timestamp ended_before) {
        if (const auto purged = outbox->purge(ended_before); !purged) {
          log.warning("the outbox was not purged", {{"reason", purged.error().message}});
        }
      },
  };
}

}  // namespace stayler::actors
