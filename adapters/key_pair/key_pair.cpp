// SPDX-License-Identifier: MIT
#include "adapters/key_pair/key_pair.hpp"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <system_error>

namespace stayler::adapters {

namespace {

failure cannot_use(const std::string& option, const std::string& file, const std::string& why) {
  return {error_class::invalid_input, option + ": " + file + " " + why};
}

/// An encrypted key is refused rather than asked for a passphrase on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*data*/) {
  return 0;
}

std::string why_no_certificate() {
  const auto code = ERR_peek_error();  // the first: what follows only says where it happened
  const char* const reason = ERR_reason_error_string(code);
  return ERR_GET_LIB(code) == ERR_LIB_SSL && reason != nullptr
             ? std::string{"holds a certificate that is not taken: "} + reason
             : "holds no certificate in PEM form";
}

bool is_key_of_another() {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  return ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509
         && (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH);
}

timestamp expiry_of(const X509* certificate) {
  std::tm when{};
  ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when);
  return to_timestamp(std::chrono::system_clock::from_time_t(timegm(&when)));
}

}  // namespace

void_result check_readable(const std::string& option, const std::string& file) {
  std::FILE* opened = std::fopen(file.c_str(), "rb");
  if (opened == nullptr) {
    const std::error_code reason{errno, std::generic_category()};
    return failure{
        error_class::unavailable, option + ": cannot read " + file + ": " + reason.message()};
  }
  std::fclose(opened);
  return ok();
}

void_result use_key_pair(ssl_ctx_st* context, const key_pair_files& files) {
  for (const auto& [option, file] :
       {std::pair{files.certificate_option, files.certificate}, {files.key_option, files.key}}) {
    if (auto readable = check_readable(option, file); !readable) {
      return readable;
    }
  }
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return cannot_use(files.certificate_option, files.certificate, why_no_certificate());
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return cannot_use(
        files.key_option, files.key,
        is_key_of_another() ? "is not the key of " + files.certificate
                            : "holds no key in PEM form, or one with a passphrase"
    );
  }
  // A key of another kind than the certificate's is taken until this is asked.
  if (SSL_CTX_check_private_key(context) != 1) {
    return cannot_use(files.key_option, files.key, "is not the key of " + files.certificate);
  }
  return ok();
}

timestamp earliest_expiry(ssl_ctx_st* context) {
  timestamp earliest = expiry_of(SSL_CTX_get0_certificate(context));
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context, &chain);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    earliest = std::min(earliest, expiry_of(sk_X509_value(chain, i)));
  }
  return earliest;
}

}  // namespace stayler::adapters
