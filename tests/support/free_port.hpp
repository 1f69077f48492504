// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/catch.hpp"

#include <cstdint>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stayler::test {

/// A port that was free a moment ago.
inline std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(probe >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(probe, raw, sizeof address) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(probe, raw, &size) == 0);
  ::close(probe);
  return ntohs(address.sin_port);
}

}  // namespace stayler::test
