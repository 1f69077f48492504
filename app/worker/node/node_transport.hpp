// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/node_tls/node_credentials.hpp"
#include "messages/service/settings.hpp"

#include <caf/all.hpp>

namespace stayler::app {

/// What this process shows to the other side, and trusts it by.
adapters::node_credentials credentials_from(const settings& config);

/// Has the actor system speak to those of other processes: by CAF's network layer under mutual TLS,
/// with heartbeats, so that a peer that answers not even those counts as lost. CAF itself listens
/// and connects on loopback only, where it shows these files; what leaves the host goes through a
/// tls_relay.
void configure_transport(const adapters::node_credentials& inner, caf::actor_system_config& to);

}  // namespace stayler::app
