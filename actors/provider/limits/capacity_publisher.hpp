// SPDX-License-Identifier: MIT
#pragma once

#include "actors/provider/limits/provider_limits_impl.hpp"
#include "messages/protocol.hpp"

#include <caf/all.hpp>

#include <string>

namespace stayler::actors {

/// Tells the queue and the log when what the provider takes has changed. A part of one actor.
class capacity_publisher {
 public:
  explicit capacity_publisher(provider_limits_impl::pointer self) : self_(self) {}

  /// From now on `queue` hears of each change; of `current` at once.
  void watch(queue_actor queue, provider_capacity current);

  /// False where `current` is what was published last.
  bool publish(provider_capacity current);

  /// Whether calls go to another model than at the last call, which the log then says.
  bool note_model(const std::string& serving);

 private:
  provider_limits_impl::pointer self_;
  queue_actor watcher_;
  provider_capacity last_;
  std::string last_model_;  ///< that calls went to when it was last looked at
};

}  // namespace stayler::actors
