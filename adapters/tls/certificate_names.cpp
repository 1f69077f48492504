// SPDX-License-Identifier: MIT
#include "adapters/tls/certificate_names.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

namespace stayler::adapters {

namespace {

struct bio_deleter {
  void operator()(BIO* it) const { BIO_free(it); }
};

bool is_numeric(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

}  // namespace

bool expect_host(ssl_st* client, const std::string& host) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(client);
  if (is_numeric(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
  }
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1
         && SSL_set_tlsext_host_name(client, host.c_str()) == 1;
}

bool is_certificate_for(x509_st* certificate, const std::string& name) {
  // OpenSSL takes a name that begins with a dot for any below it, and an empty one for all.
  return !name.empty() && name.front() != '.'
         && X509_check_host(
                certificate, name.c_str(), name.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                nullptr
            ) == 1;
}

std::string names_in(x509_st* certificate) {
  const std::unique_ptr<BIO, bio_deleter> text{BIO_new(BIO_s_mem())};
  const int alternatives = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (alternatives >= 0) {
    X509V3_EXT_print(text.get(), X509_get_ext(certificate, alternatives), 0, 0);
  } else {
    X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string{"nothing"};
}

std::string names_in(x509_store_ctx_st* verification) {
  X509* shown = X509_STORE_CTX_get0_cert(verification);
  return shown == nullptr ? std::string{"nothing"} : names_in(shown);
}

std::string why_untrusted(const ssl_st* session, const std::string& names) {
  const long verdict = SSL_get_verify_result(session);
  if (verdict == X509_V_OK) {
    return {};
  }
  return std::string{X509_verify_cert_error_string(verdict)} + " (the certificate is for " + names
         + ")";
}

}  // namespace stayler::adapters
