// SPDX-License-Identifier: MIT
#include "adapters/redis/cluster/redis_cluster.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace stayler::adapters {

namespace {

/// The address of a node; nothing where it has no port.
std::optional<redis_address> address_of(
    std::string_view host, std::optional<std::uint16_t> port, const std::string& here
) {
  if (!port || *port == 0) {
    return std::nullopt;
  }
  return redis_address{host.empty() || host == "?" ? here : std::string{host}, *port};
}

}  // namespace

std::optional<redis_address> redirection_in(redis_value answer, const std::string& here) {
  if (!answer.is_error() || answer.code() != "MOVED") {
    return std::nullopt;
  }
  // An IPv6 address stands there without brackets: the port is what follows the last colon.
  const std::string_view text = answer.text();
  const std::string_view where = text.substr(text.rfind(' ') + 1);
  const auto colon = where.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto port = parse_number<std::uint16_t>(where.substr(colon + 1));
  return address_of(where.substr(0, colon), port, here);
}

std::vector<redis_address> nodes_in(redis_value slots, const std::string& here) {
  std::vector<redis_address> nodes;
  for (std::size_t range = 0; range < slots.size(); ++range) {
    // First and last slot, then the nodes that have them, the owner first.
    for (std::size_t i = 2; i < slots[range].size(); ++i) {
      const redis_value node = slots[range][i];
      const auto port = static_cast<std::uint16_t>(node[1].number());
      const auto address = address_of(node[0].text(), port, here);
      if (address && std::ranges::find(nodes, *address) == nodes.end()) {
        nodes.push_back(*address);
      }
    }
  }
  return nodes;
}

}  // namespace stayler::adapters
