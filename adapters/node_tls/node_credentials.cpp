// SPDX-License-Identifier: MIT
#include "adapters/node_tls/node_credentials.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace stayler::adapters {

namespace {

struct openssl_deleter {
  void operator()(SSL_CTX* it) const { SSL_CTX_free(it); }
  void operator()(X509_STORE_CTX* it) const { X509_STORE_CTX_free(it); }
};

failure cannot(const char* option, const std::string& file, const std::string& why) {
  return {error_class::invalid_input, std::string{option} + ": " + file + " " + why};
}

void_result check_readable(const char* option, const std::string& file) {
  std::FILE* opened = std::fopen(file.c_str(), "rb");
  if (opened == nullptr) {
    const std::error_code reason{errno, std::generic_category()};
    return failure{
        error_class::unavailable,
        std::string{option} + ": cannot read " + file + ": " + reason.message()};
  }
  std::fclose(opened);
  return ok();
}

/// An encrypted key is refused rather than asked for a passphrase on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*data*/) {
  return 0;
}

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
  return cannot(
      "NODE_TLS_CERTIFICATE", files.certificate,
      "is not accepted by NODE_TLS_CA: " + std::string{X509_verify_cert_error_string(reason)}
  );
}

}  // namespace

void_result check_credentials(const node_credentials& files) {
  for (const auto& [option, file] :
       {std::pair{"NODE_TLS_CERTIFICATE", files.certificate},
        {"NODE_TLS_KEY", files.key},
        {"NODE_TLS_CA", files.authority}}) {
    if (auto readable = check_readable(option, file); !readable) {
      return readable;
    }
  }
  const std::unique_ptr<SSL_CTX, openssl_deleter> context{SSL_CTX_new(TLS_method())};
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return cannot("NODE_TLS_CERTIFICATE", files.certificate, "holds no certificate in PEM form");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool differs = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH
                         || ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH;
    return cannot(
        "NODE_TLS_KEY", files.key,
        differs ? "is not the key of " + files.certificate
                : "holds no key in PEM form, or one with a passphrase"
    );
  }
  if (SSL_CTX_load_verify_locations(context.get(), files.authority.c_str(), nullptr) != 1) {
    return cannot("NODE_TLS_CA", files.authority, "holds no certificate in PEM form");
  }
  return check_signature(context.get(), files);
}

}  // namespace stayler::adapters
