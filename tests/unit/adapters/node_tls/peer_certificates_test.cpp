// SPDX-License-Identifier: MIT

// Who is connected, and who may pass for whom.
#include "adapters/node_tls/peer_certificates.hpp"

#include "adapters/node_tls/inner_identity.hpp"
#include "tests/support/catch.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

using namespace stayler;
using namespace stayler::adapters;

namespace {

/// A certificate that no other is like.
std::shared_ptr<x509_st> new_certificate() {
  const auto made = inner_identity::make();
  REQUIRE(made);
  std::FILE* file = std::fopen(made->files().certificate.c_str(), "rb");
  REQUIRE(file != nullptr);
  X509* certificate = PEM_read_X509(file, nullptr, nullptr, nullptr);
  std::fclose(file);
  REQUIRE(certificate != nullptr);
  return {certificate, X509_free};
}

}  // namespace

TEST_CASE("nobody passes for a process that is connected under another certificate") {
  const auto first = new_certificate();
  const auto second = new_certificate();
  peer_certificates peers;
  peers.add(1, first.get());
  peers.add(2, second.get());
  CHECK(peers.claim(1, "process"));
  CHECK_FALSE(peers.claim(2, "process"));
  peers.remove(2);
  SECTION("but for itself, on a second connection") {
    peers.add(3, first.get());
    CHECK(peers.claim(3, "process"));
  }
  SECTION("and anybody once it has gone") {
    peers.remove(1);
    peers.add(3, second.get());
    CHECK(peers.claim(3, "process"));
  }
}

TEST_CASE("a certificate is asked for by the port from which its holder comes") {
  const auto certificate = new_certificate();
  peer_certificates peers;
  peers.add(7, certificate.get());
  CHECK_FALSE(peers.is_refused(7));
  CHECK(peers.check(7, "worker-1").error().kind == error_class::permission);
  CHECK(peers.is_refused(7));
  CHECK(peers.check(8, "worker-1").error().kind == error_class::unavailable);
  peers.remove(7);
  CHECK(peers.check(7, "worker-1").error().kind == error_class::unavailable);
}
