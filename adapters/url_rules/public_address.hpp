// SPDX-License-Identifier: MIT
#pragma once

struct sockaddr;

namespace stayler::adapters {

/// True for an address of the public internet: not private, loopback, link-local (where clouds keep
/// their metadata), shared, multicast, reserved or for documentation, nor an IPv6 form of such an
/// IPv4 address. False for what is neither IPv4 nor IPv6.
bool is_public_address(const sockaddr& address) noexcept;

}  // namespace stayler::adapters
