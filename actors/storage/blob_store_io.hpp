// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/blob_store/blob_store.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct blob_store_options {
  std::shared_ptr<adapters::blob_store> store;
};

struct blob_store_state {
  const char* name = "blob_store";
};

/// Serves a blob store, one call at a time. Its calls wait for a disk or a network: spawn it
/// detached.
blob_store_actor::behavior_type blob_store(
    blob_store_actor::stateful_pointer<blob_store_state> self, blob_store_options options
);

}  // namespace stayler::actors
