// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/ip_network/ip_network.hpp"
#include "http/server/message.hpp"

#include <span>
#include <string>

namespace stayler::http {

/// Whether that address is one of the proxies that may say for whom they call.
bool is_trusted(std::span<const adapters::ip_network> trusted, const std::string& address);

/// Who makes a call that comes over a connection of the proxy `peer`: the first address from the
/// right in X-Forwarded-For that is not a trusted proxy itself. What stands further to the left was
/// written by that caller. `peer` where there is no such header, or something in it that is no
/// address.
std::string forwarded_caller(
    const request& head, const std::string& peer, std::span<const adapters::ip_network> trusted
);

}  // namespace stayler::http
