// SPDX-License-Identifier: MIT
#include "adapters/node_tls/inner_identity.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>
#include <sys/mman.h>
#include <sys/stat.h>

namespace stayler::adapters {

namespace {

struct generated_deleter {
  void operator()(EVP_PKEY* it) const { EVP_PKEY_free(it); }
  void operator()(X509* it) const { X509_free(it); }
  void operator()(X509_EXTENSION* it) const { X509_EXTENSION_free(it); }
};

using generated_key = std::unique_ptr<EVP_PKEY, generated_deleter>;
using generated_certificate = std::unique_ptr<X509, generated_deleter>;

/// Longer than a process lives; from a day ago, for clocks that are set.
constexpr long valid_before = -24L * 3600;
constexpr long valid_after = 20L * 365 * 24 * 3600;

/// False where the text is not of names.
bool add_names(X509* to, const std::string& names) {
  const std::unique_ptr<X509_EXTENSION, generated_deleter> extension{
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str())};
  return extension && X509_add_ext(to, extension.get(), -1) == 1;
}

generated_certificate sign_own(EVP_PKEY* key, const std::string& names) {
  generated_certificate made{X509_new()};
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), valid_before);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), valid_after);
  X509_NAME* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("stayler loopback"), -1, -1,
      0
  );
  X509_set_issuer_name(made.get(), name);
  X509_set_pubkey(made.get(), key);
  if (!names.empty() && !add_names(made.get(), names)) {
    return nullptr;
  }
  return X509_sign(made.get(), key, EVP_sha256()) > 0 ? std::move(made) : nullptr;
}

std::string name_of(std::FILE* file) {
  return "/proc/self/fd/" + std::to_string(fileno(file));
}

}  // namespace

inner_identity::memory_file inner_identity::make_file() {
  const int made = memfd_create("stayler-loopback", MFD_CLOEXEC);
  fchmod(made, S_IRUSR | S_IWUSR);
  return memory_file{made < 0 ? nullptr : fdopen(made, "w")};
}

result<inner_identity> inner_identity::make(const std::string& names) {
  const failure failed{
      error_class::unavailable, "cannot make a certificate for the loopback interface"};
  const generated_key key{EVP_EC_gen("P-256")};
  const auto certificate = key ? sign_own(key.get(), names) : nullptr;
  inner_identity made;
  made.certificate_ = make_file();
  made.key_ = make_file();
  if (!certificate || !made.certificate_ || !made.key_) {
    return failed;
  }
  const bool is_written =
      PEM_write_X509(made.certificate_.get(), certificate.get()) == 1
      && PEM_write_PrivateKey(made.key_.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr)
             == 1
      && std::fflush(made.certificate_.get()) == 0 && std::fflush(made.key_.get()) == 0;
  if (!is_written) {
    return failed;
  }
  return made;
}

std::pair<int, int> inner_identity::descriptors() const {
  return {fileno(certificate_.get()), fileno(key_.get())};
}

node_credentials inner_identity::files() const {
  const std::string certificate = name_of(certificate_.get());
  return {certificate, name_of(key_.get()), certificate, {}};
}

}  // namespace stayler::adapters
