// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// An end of a link between node and coordinator.
struct node_address {
  std::string host;  ///< a name or a numeric address, without brackets
  std::uint16_t port = 0;

  friend bool operator==(const node_address&, const node_address&) = default;
};

/// "127.0.0.1:7000" or "[::1]:7000".
std::string to_string(const node_address& address);

/// Where nodes are awaited: "10.0.0.1:7000", "[::]:7000"; port 0 is any. invalid_input.
result<node_address> parse_listen_address(std::string_view text);

/// Where coordinators are, separated by commas: "a.example:7000,10.0.0.2:7000". invalid_input.
result<std::vector<node_address>> parse_join_addresses(std::string_view text);

/// All of them, in their circle, from the one whose turn it is.
template <class Address>
std::vector<Address> in_turn(std::vector<Address> all, std::size_t turn) {
  if (!all.empty()) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(turn % all.size());
    std::rotate(all.begin(), first, all.end());
  }
  return all;
}

}  // namespace stayler::adapters
