// SPDX-License-Identifier: MIT
#include "actors/notifications/outbox_io.hpp"

#include "actors/support/handle.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/log/log.hpp"

#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::notifier::log;

}  // namespace

void outbox_io_state::purge(const adapters::outbox_retention& kept) {
  if (const auto purged = options_.outbox->purge(kept); !purged) {
    log.warning("the outbox was not purged", {{"reason", purged.error().message}});
  }
}

outbox_io_actor::behavior_type outbox_io_state::make_behavior(outbox_io_options options) {
  options_ = std::move(options);
  return {
      [this](execute_atom, const adapters::outbox_batch& batch) {
        return to_caf_result(options_.outbox->execute(batch));
      },
      [this](list_atom) { return to_caf_result(options_.outbox->list_open()); },
      [this](list_atom, const notification_filter& filter) {
        return to_caf_result(options_.outbox->list(filter));
      },
      [this](retry_atom, const notification_filter& filter, timestamp at) {
        return to_caf_result(options_.outbox->reopen(filter, at));
      },
      handle<purge_atom>(*this, &outbox_io_state::purge),
  };
}

outbox_io_actor::behavior_type outbox_io(
    outbox_io_actor::stateful_pointer<outbox_io_state> self, outbox_io_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
