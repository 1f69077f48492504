// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/http_client/http_client.hpp"
#include "adapters/http_client/outgoing_calls.hpp"

#include <cstddef>
#include <functional>
#include <memory>

struct sockaddr;

namespace stayler::adapters {

/// Says whether a client may connect to an address.
using address_rule = std::function<bool(const sockaddr&)>;

/// An HTTP client on libcurl's multi interface, HTTP/1.1 and HTTP/2, TLS certificates verified.
/// `max_connections` bounds the open connections; further requests wait for a free one.
/// `may_connect`, where given, is asked about the very address of each connection before it is
/// made, on the client's thread: what a name resolved to before does not count. Behind a proxy
/// there is no such address: a client with a rule uses none, whatever `outgoing` says. Proxies in
/// the environment are ignored.
std::unique_ptr<http_client> make_curl_http_client(
    std::size_t max_connections = 10'000,
    address_rule may_connect = {},
    outgoing_calls outgoing = {}
);

}  // namespace stayler::adapters
