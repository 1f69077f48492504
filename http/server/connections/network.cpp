// SPDX-License-Identifier: MIT
#include "http/server/connections/network.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <iterator>
#include <netinet/in.h>

namespace stayler::http {

std::string network_of(std::string_view address) {
  std::string text{address};
  in6_addr parsed{};
  if (inet_pton(AF_INET6, text.c_str(), &parsed) != 1) {
    return text;
  }
  if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
    return text.substr(text.rfind(':') + 1);
  }
  std::fill(std::begin(parsed.s6_addr) + 8, std::end(parsed.s6_addr), std::uint8_t{0});
  std::array<char, INET6_ADDRSTRLEN> network{};
  inet_ntop(AF_INET6, &parsed, network.data(), network.size());
  return std::string{network.data()} + "/64";
}

}  // namespace stayler::http
