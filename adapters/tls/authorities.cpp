// SPDX-License-Identifier: MIT
#include "adapters/tls/authorities.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <system_error>

namespace stayler::adapters {

namespace {

struct store_deleter {
  void operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }
};

/// What OpenSSL's first error says, which is the cause; of a file, what the system says.
std::string words_of_openssl() {
  const auto error = ERR_peek_error();
  const char* words = ERR_reason_error_string(error);
  std::string text = ERR_SYSTEM_ERROR(error)
                         ? std::generic_category().message(ERR_GET_REASON(error))
                     : words == nullptr ? "unknown error"
                                        : words;
  ERR_clear_error();
  return text;
}

}  // namespace

void_result check_authorities(const std::string& file) {
  ERR_clear_error();
  const std::unique_ptr<X509_STORE, store_deleter> store{X509_STORE_new()};
  if (store && X509_STORE_load_file(store.get(), file.c_str()) == 1) {
    return ok();
  }
  return failure{
      error_class::invalid_input,
      "cannot read certificates in PEM from " + file + ": " + words_of_openssl()};
}

}  // namespace stayler::adapters
