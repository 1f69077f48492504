// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/outbox/outbox.hpp"
#include "messages/protocol.hpp"

#include <memory>
#include <string>
#include <vector>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::adapters::outbox_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<stayler::adapters::outbox_entry>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::adapters::outbox_retention)

namespace stayler::actors {

/// An outbox as an actor, since an outbox may block. Private to the notifier.
using outbox_io_actor = caf::typed_actor<
    /// The event ids that were there already.
    caf::replies_to<execute_atom, adapters::outbox_batch>::with<std::vector<std::string>>,
    /// What is open, oldest first.
    caf::replies_to<list_atom>::with<std::vector<adapters::outbox_entry>>,
    /// A page of what is kept.
    caf::replies_to<list_atom, notification_filter>::with<notification_page>,
    /// What has ended and matches, made open again, due at that time.
    caf::replies_to<retry_atom, notification_filter, timestamp>::with<
        std::vector<adapters::outbox_entry>>,
    /// Forget what need not be kept.
    caf::reacts_to<purge_atom, adapters::outbox_retention>>;

struct outbox_io_options {
  std::shared_ptr<adapters::outbox> outbox;
};

/// Does what it is asked, one thing after the other.
class outbox_io_state {
 public:
  static inline const char* name = "outbox_io";

  outbox_io_actor::behavior_type make_behavior(outbox_io_options options);

 private:
  void purge(const adapters::outbox_retention& kept);

  outbox_io_options options_;
};

/// Spawn it detached where the outbox blocks.
outbox_io_actor::behavior_type outbox_io(
    outbox_io_actor::stateful_pointer<outbox_io_state> self, outbox_io_options options
);

}  // namespace stayler::actors
