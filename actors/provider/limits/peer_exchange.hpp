// SPDX-License-Identifier: MIT
#pragma once

#include "actors/provider/limits/provider_limits_impl.hpp"
#include "policies/provider/sharing/peer_record.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::actors {

/// What a peer exchange asks of the limits that it is part of.
struct peer_exchange_hooks {
  /// What the others are shown.
  std::function<policies::peer_record()> snapshot;
  /// These are there beside us, in the order of their instance ids; the rank is our own place among
  /// all. None where the exchange has been away for some seconds.
  std::function<void(const std::vector<policies::peer_record>& others, std::size_t rank)> merge;
  /// The others have been looked at, or could not be, for the first time.
  std::function<void()> begun;
};

/// Shows this coordinator to those that share the provider's limits, and looks at them, twice a
/// second. One that is not seen for some seconds is not there.
class peer_exchange {
 public:
  peer_exchange(provider_limits_impl::pointer self, peer_exchange_hooks hooks)
      : self_(self), hooks_(std::move(hooks)) {}

  /// Begins to exchange under that instance id; the exchange ends with the actor, and it with the
  /// exchange.
  void begin(limit_exchange_actor exchange, std::string instance_id);

  /// The handler of `exchange_atom`.
  void exchange();

  /// How many others there are.
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  void answered(const std::vector<std::string>& shown);
  void failed(const caf::error& why);
  void merge(const std::vector<policies::peer_record>& others);

  provider_limits_impl::pointer self_;
  peer_exchange_hooks hooks_;
  limit_exchange_actor exchange_;
  std::string instance_id_;
  std::optional<caf::actor_clock::time_point> last_answer_;  ///< or first failure
  std::uint32_t count_ = 0;
};

}  // namespace stayler::actors
