// SPDX-License-Identifier: MIT
#include "adapters/ip_network/ip_network.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstddef>
#include <netinet/in.h>

namespace stayler::adapters {

namespace {

/// Of ::ffff:0:0/96, which all of IPv4 is in.
constexpr unsigned ipv4_prefix = 96;

constexpr std::array<std::uint8_t, 12> ipv4_head{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool is_ipv4(const numeric_address& address) {
  return std::equal(ipv4_head.begin(), ipv4_head.end(), address.begin());
}

/// The bits of byte `at` that belong to a prefix of that length.
std::uint8_t mask_of(std::size_t at, unsigned bits) {
  const auto own = std::clamp<int>(static_cast<int>(bits) - static_cast<int>(8 * at), 0, 8);
  return static_cast<std::uint8_t>(0xFF00U >> static_cast<unsigned>(own));
}

std::optional<ip_network> parse_network(std::string_view text) {
  const bool has_prefix = text.find('/') != std::string_view::npos;
  const unsigned before = text.find(':') == std::string_view::npos ? ipv4_prefix : 0;
  const auto base = parse_numeric_address(take_until(text, "/"));
  if (!base) {
    return std::nullopt;
  }
  ip_network made{*base, 128};
  if (has_prefix) {
    const auto bits = parse_number<unsigned>(text);
    if (!bits || *bits > 128 - before) {
      return std::nullopt;
    }
    made.bits = before + *bits;
  }
  for (std::size_t i = 0; i < made.base.size(); ++i) {
    if ((made.base[i] & ~mask_of(i, made.bits)) != 0) {
      return std::nullopt;
    }
  }
  return made;
}

}  // namespace

std::optional<numeric_address> parse_numeric_address(std::string_view text) {
  numeric_address address{};
  if (text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string terminated{text};
  if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) {
    return address;
  }
  std::copy(ipv4_head.begin(), ipv4_head.end(), address.begin());
  return inet_pton(AF_INET, terminated.c_str(), address.data() + ipv4_head.size()) == 1
             ? std::optional{address}
             : std::nullopt;
}

std::string to_string(const numeric_address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_ipv4(address)) {
    inet_ntop(AF_INET, address.data() + ipv4_head.size(), text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  }
  return text.data();
}

bool ip_network::contains(const numeric_address& address) const noexcept {
  for (std::size_t i = 0; i < base.size(); ++i) {
    if (((base[i] ^ address[i]) & mask_of(i, bits)) != 0) {
      return false;
    }
  }
  return true;
}

std::optional<std::vector<ip_network>> parse_ip_networks(std::string_view text) {
  std::vector<ip_network> networks;
  while (!text.empty()) {
    const auto network = parse_network(trim(take_until(text, ",")));
    if (!network) {
      return std::nullopt;
    }
    networks.push_back(*network);
  }
  return networks;
}

bool contains(std::span<const ip_network> networks, const numeric_address& address) noexcept {
  return std::any_of(networks.begin(), networks.end(), [&address](const ip_network& each) {
    return each.contains(address);
  });
}

}  // namespace stayler::adapters
