// SPDX-License-Identifier: MIT
#include "adapters/node_tls/node_credentials.hpp"

#include "adapters/key_pair/key_pair.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace stayler::adapters {

namespace {

struct openssl_deleter {
  void operator()(SSL_CTX* it) const { SSL_CTX_free(it); }
  void operator()(X509_STORE_CTX* it) const { X509_STORE_CTX_free(it); }
};

void_result check_signature(SSL_CTX* context, const node_credentials& files) {
  const std::unique_ptr<X509_STORE_CTX, openssl_deleter> check{X509_STORE_CTX_new()};
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context, &chain);
  X509_STORE_CTX_init(
      check.get(), SSL_CTX_get_cert_store(context), SSL_CTX_get0_certificate(context), chain
  );
  if (X509_verify_cert(check.get()) == 1) {
    return ok();
  }
  const int reason = X509_STORE_CTX_get_error(check.get());
  return failure{
      error_class::invalid_input,
      "NODE_TLS_CERTIFICATE: " + files.certificate
          + " is not accepted by NODE_TLS_CA: " + X509_verify_cert_error_string(reason)};
}

}  // namespace

void_result check_credentials(const node_credentials& files) {
  const std::unique_ptr<SSL_CTX, openssl_deleter> context{SSL_CTX_new(TLS_method())};
  if (auto shown = use_key_pair(
          context.get(), {"NODE_TLS_CERTIFICATE", files.certificate, "NODE_TLS_KEY", files.key}
      );
      !shown) {
    return shown;
  }
  if (auto readable = check_readable("NODE_TLS_CA", files.authority); !readable) {
    return readable;
  }
  if (SSL_CTX_load_verify_locations(context.get(), files.authority.c_str(), nullptr) != 1) {
    return failure{
        error_class::invalid_input,
        "NODE_TLS_CA: " + files.authority + " holds no certificate in PEM form"};
  }
  return check_signature(context.get(), files);
}

}  // namespace stayler::adapters
