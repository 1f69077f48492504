// SPDX-License-Identifier: MIT
#include "http/server/connections/connection_places.hpp"

#include <algorithm>

namespace stayler::http {

namespace {

constexpr std::uint64_t most_connections = 10'000;

/// Connections that may wait for the answer that refuses them.
constexpr std::size_t max_refusals = 64;

}  // namespace

std::size_t connections_for(std::uint64_t descriptors) noexcept {
  return static_cast<std::size_t>(std::clamp(descriptors / 2, std::uint64_t{1}, most_connections));
}

connection_places::admission connection_places::judge(const std::string& network) const {
  const auto own = by_network_.find(network);
  const bool has_enough =
      limits_.per_network > 0 && own != by_network_.end() && own->second >= limits_.per_network;
  if (has_enough) {
    return admission::network_has_enough;
  }
  return served_ < limits_.in_all ? admission::welcome : admission::all_taken;
}

bool connection_places::may_refuse() const noexcept {
  return refusals_ < max_refusals;
}

void connection_places::enter(const std::string& network) {
  if (!network.empty()) {
    ++by_network_[network];
  }
  ++served_;
}

void connection_places::leave(const std::string& network) {
  const auto own = by_network_.find(network);
  if (own != by_network_.end() && --own->second == 0) {
    by_network_.erase(own);
  }
  --served_;
}

}  // namespace stayler::http
