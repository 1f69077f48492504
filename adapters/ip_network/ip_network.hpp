// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// An address of IPv6, or one of IPv4 in its IPv6 form (::ffff:192.0.2.7): however an address of
/// IPv4 is written, it is one and the same.
using numeric_address = std::array<std::uint8_t, 16>;

/// A numeric address, without port or brackets; nothing where it is none.
std::optional<numeric_address> parse_numeric_address(std::string_view text);

/// "192.0.2.7" or "2001:db8::7".
std::string to_string(const numeric_address& address);

/// All addresses with the same first bits.
struct ip_network {
  numeric_address base{};
  unsigned bits = 128;

  [[nodiscard]] bool contains(const numeric_address& address) const noexcept;

  friend bool operator==(const ip_network&, const ip_network&) = default;
};

/// "192.0.2.7,10.0.0.0/8,2001:db8::/32": addresses and networks. Nothing where one is malformed, or
/// has bits beyond its prefix: who writes 10.0.0.7/8 may have meant one address.
std::optional<std::vector<ip_network>> parse_ip_networks(std::string_view text);

bool contains(std::span<const ip_network> networks, const numeric_address& address) noexcept;

}  // namespace stayler::adapters
