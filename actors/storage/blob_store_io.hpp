// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/blob_store/blob_store.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct blob_store_options {
  std::shared_ptr<adapters::blob_store> store;
};

/// Serves a blob store, one call at a time.
class blob_store_state {
 public:
  static inline const char* name = "blob_store";

  using pointer = blob_store_actor::stateful_pointer<blob_store_state>;

  explicit blob_store_state(pointer self) : self_(self) {}

  blob_store_actor::behavior_type make_behavior(blob_store_options options);

 private:
  pointer self_;
  blob_store_options options_;
};

/// The calls wait for a disk or a network: spawn it detached.
blob_store_actor::behavior_type blob_store(
    blob_store_state::pointer self, blob_store_options options
);

}  // namespace stayler::actors
