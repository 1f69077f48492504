// SPDX-License-Identifier: MIT
#include "adapters/url_rules/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <span>

// The blocks are those of IANA's registries of special-purpose addresses.

namespace stayler::adapters {

namespace {

struct ipv4_block {
  std::uint32_t base;
  unsigned bits;
};

constexpr std::uint32_t ipv4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array special_ipv4{
    ipv4_block{ipv4(0, 0, 0, 0), 8},        // this network
    ipv4_block{ipv4(10, 0, 0, 0), 8},       // private
    ipv4_block{ipv4(100, 64, 0, 0), 10},    // shared by carriers; metadata in some clouds
    ipv4_block{ipv4(127, 0, 0, 0), 8},      // loopback
    ipv4_block{ipv4(169, 254, 0, 0), 16},   // link-local; metadata in most clouds
    ipv4_block{ipv4(172, 16, 0, 0), 12},    // private
    ipv4_block{ipv4(192, 0, 0, 0), 24},     // protocol assignments; metadata in one cloud
    ipv4_block{ipv4(192, 0, 2, 0), 24},     // documentation
    ipv4_block{ipv4(192, 88, 99, 0), 24},   // relays of 6to4
    ipv4_block{ipv4(192, 168, 0, 0), 16},   // private
    ipv4_block{ipv4(198, 18, 0, 0), 15},    // benchmarks
    ipv4_block{ipv4(198, 51, 100, 0), 24},  // documentation
    ipv4_block{ipv4(203, 0, 113, 0), 24},   // documentation
    ipv4_block{ipv4(224, 0, 0, 0), 3},      // multicast, reserved, broadcast
};

constexpr bool is_public(std::uint32_t address) {
  return std::none_of(special_ipv4.begin(), special_ipv4.end(), [address](const ipv4_block& block) {
    return (address ^ block.base) >> (32 - block.bits) == 0;
  });
}

bool is_public(std::span<const std::uint8_t, 16> address) {
  const auto word = [&](std::size_t i) {
    return static_cast<std::uint32_t>(address[2 * i] << 8U | address[2 * i + 1]);
  };
  const bool is_nat64 = word(0) == 0x64 && word(1) == 0xFF9B
                        && std::all_of(address.begin() + 4, address.begin() + 12, [](auto byte) {
                             return byte == 0;
                           });
  if (is_nat64) {
    return is_public(word(6) << 16U | word(7));
  }
  // Of all of IPv6 only 2000::/3 is given out, and of that not:
  return word(0) >> 13U == 1                           //
         && !(word(0) == 0x2001 && word(1) < 0x200)    // protocol assignments, Teredo
         && !(word(0) == 0x2001 && word(1) == 0xDB8)   // documentation
         && word(0) != 0x2002                          // 6to4: any IPv4 address
         && !(word(0) == 0x3FFF && word(1) < 0x1000);  // documentation
}

}  // namespace

bool is_public_address(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address, sizeof four);
    return is_public(ntohl(four.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof six);
    return is_public(std::span<const std::uint8_t, 16>{six.sin6_addr.s6_addr});
  }
  return false;
}

}  // namespace stayler::adapters
