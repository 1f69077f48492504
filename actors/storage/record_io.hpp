// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/record_store/record_store.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

struct record_io_options {
  std::shared_ptr<adapters::record_store> store;
};

struct record_io_state {
  const char* name = "record_io";
};

/// Serves a record store, one call at a time and in the order of arrival. Its calls wait for a disk
/// or a network: spawn it detached.
record_io_actor::behavior_type record_io(
    record_io_actor::stateful_pointer<record_io_state> self, record_io_options options
);

}  // namespace stayler::actors
