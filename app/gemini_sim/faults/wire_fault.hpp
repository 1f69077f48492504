// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"
#include "messages/base/time.hpp"

#include <cstdint>

namespace stayler::sim {

/// Ways for a server to misbehave on the wire, as networks do.
enum class wire_fault : std::uint8_t {
  none,
  reset,      ///< the connection is reset (RST) without an answer
  truncate,   ///< the connection is closed in the middle of the body
  hang,       ///< nothing is ever sent; the connection stays open until the peer gives up
  slow_body,  ///< the body takes its time to arrive
};

/// What gives an answer that fault; empty for none. `body_time` is for slow_body.
http::connection_hook make_wire_hook(wire_fault fault, milliseconds body_time = milliseconds{0});

}  // namespace stayler::sim
