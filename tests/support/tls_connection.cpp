// SPDX-License-Identifier: MIT
#include "tests/support/tls_connection.hpp"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>

namespace stayler::test {

namespace {

ssl_st* make_client() {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL* const made = SSL_new(context);
  SSL_CTX_free(context);
  return made;
}

int clipped(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

/// OpenSSL writes to sockets without a way to suppress the signal.
void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

tls_layer::tls_layer(int socket) : tls_(make_client(), SSL_free) {
  ignore_broken_pipes();
  SSL_set_fd(tls_.get(), socket);
  ERR_clear_error();
  if (SSL_connect(tls_.get()) != 1) {
    throw std::runtime_error("no handshake");
  }
}

ssize_t tls_layer::send(std::string_view bytes) {
  ERR_clear_error();
  return SSL_write(tls_.get(), bytes.data(), clipped(bytes.size()));
}

ssize_t tls_layer::receive(char* into, std::size_t size) {
  ERR_clear_error();
  errno = 0;
  const int count = SSL_read(tls_.get(), into, clipped(size));
  if (count > 0) {
    return count;
  }
  if (SSL_get_error(tls_.get(), count) == SSL_ERROR_ZERO_RETURN) {
    return 0;
  }
  // What waits for longer than a test does is the one thing that is no end.
  errno = errno == EAGAIN ? EAGAIN : ECONNRESET;
  return -1;
}

void tls_layer::end() {
  ERR_clear_error();
  SSL_shutdown(tls_.get());
  ::shutdown(SSL_get_fd(tls_.get()), SHUT_WR);
}

std::string tls_layer::serial() const {
  X509* const shown = SSL_get1_peer_certificate(tls_.get());
  BIGNUM* const number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(shown), nullptr);
  char* const hex = BN_bn2hex(number);
  std::string text{hex};
  OPENSSL_free(hex);
  BN_free(number);
  X509_free(shown);
  return text;
}

}  // namespace stayler::test
