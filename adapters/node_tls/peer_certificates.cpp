// SPDX-License-Identifier: MIT
#include "adapters/node_tls/peer_certificates.hpp"

#include "adapters/tls/certificate_names.hpp"

#include <fmt/core.h>
#include <openssl/x509.h>

#include <algorithm>
#include <utility>

namespace stayler::adapters {

void peer_certificates::add(std::uint16_t port, x509_st* certificate) {
  X509_up_ref(certificate);
  const std::lock_guard lock{mutex_};
  peer added;
  added.certificate = {certificate, X509_free};
  peers_[port] = std::move(added);
}

void peer_certificates::remove(std::uint16_t port) {
  const std::lock_guard lock{mutex_};
  peers_.erase(port);
}

bool peer_certificates::claim(std::uint16_t port, const std::string& process) {
  const std::lock_guard lock{mutex_};
  peer& own = peers_.at(port);
  own.process = process;
  return std::ranges::none_of(peers_, [&](const auto& entry) {
    const peer& other = entry.second;
    return other.process == process
           && X509_cmp(other.certificate.get(), own.certificate.get()) != 0;
  });
}

void_result peer_certificates::check(std::uint16_t port, const std::string& name) {
  const std::lock_guard lock{mutex_};
  const auto found = peers_.find(port);
  if (found == peers_.end()) {
    return failure{error_class::unavailable, "the connection has just ended"};
  }
  if (!is_certificate_for(found->second.certificate.get(), name)) {
    found->second.is_refused = true;
    return failure{
        error_class::permission,
        fmt::format(
            "the certificate is for {}, not for {}", names_in(found->second.certificate.get()), name
        )};
  }
  return ok();
}

bool peer_certificates::is_refused(std::uint16_t port) const {
  const std::lock_guard lock{mutex_};
  const auto found = peers_.find(port);
  return found != peers_.end() && found->second.is_refused;
}

}  // namespace stayler::adapters
