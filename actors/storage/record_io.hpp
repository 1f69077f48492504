// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/record_store/record_store.hpp"
#include "messages/protocol.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stayler::actors {

struct record_io_options {
  std::shared_ptr<adapters::record_store> store;
};

/// Serves a record store, one call at a time and in the order of arrival.
class record_io_state {
 public:
  static inline const char* name = "record_io";

  using pointer = record_io_actor::stateful_pointer<record_io_state>;

  explicit record_io_state(pointer self) : self_(self) {}

  record_io_actor::behavior_type make_behavior(record_io_options options);

 private:
  caf::result<conversion_update> fetch(const std::string& conversion_id);
  void record_all(const std::vector<conversion_update>& updates);

  pointer self_;
  record_io_options options_;
};

/// The calls wait for a disk or a network: spawn it detached.
record_io_actor::behavior_type record_io(record_io_state::pointer self, record_io_options options);

}  // namespace stayler::actors
