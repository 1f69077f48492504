// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace stayler::http {

/// Whom an address counts for: an IPv4 address stands for itself, one of IPv6 for its /64 network,
/// for that is what one customer gets.
std::string network_of(std::string_view address);

}  // namespace stayler::http
