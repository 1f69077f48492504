// SPDX-License-Identifier: MIT
#include "app/worker/node/node_transport.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

#include <chrono>

namespace stayler::app {

namespace {

constexpr caf::timespan heartbeat_interval{std::chrono::seconds{2}};

/// CAF 0.17 needs both: heartbeats alone detect nothing.
constexpr caf::timespan connection_timeout{std::chrono::seconds{10}};

}  // namespace

adapters::node_credentials credentials_from(const settings& config) {
  return {
      config.node_tls_certificate, config.node_tls_key, config.node_tls_ca, config.node_tls_crl};
}

void configure_transport(const adapters::node_credentials& inner, caf::actor_system_config& to) {
  to.load<caf::io::middleman>();
  to.load<caf::openssl::manager>();
  to.set("middleman.heartbeat-interval", heartbeat_interval);
  to.set("middleman.connection-timeout", connection_timeout);
  to.openssl_certificate = inner.certificate;
  to.openssl_key = inner.key;
  to.openssl_cafile = inner.authority;
}

}  // namespace stayler::app
