// SPDX-License-Identifier: MIT
#include "adapters/node_tls/node_credentials.hpp"

#include "adapters/key_pair/key_pair.hpp"
#include "adapters/tls/certificate_names.hpp"

#include <fmt/core.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <utility>

namespace stayler::adapters {

namespace {

struct openssl_deleter {
  void operator()(X509_STORE_CTX* it) const { X509_STORE_CTX_free(it); }
};

failure cannot(const char* option, const std::string& file, const std::string& why) {
  return {error_class::invalid_input, std::string{option} + ": " + file + " " + why};
}

/// X509_V_OK, or why the certificate is not accepted as that end's.
int verify(X509* certificate, STACK_OF(X509) * chain, ssl_ctx_st* by, link_end end) {
  const std::unique_ptr<X509_STORE_CTX, openssl_deleter> check{X509_STORE_CTX_new()};
  X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(by), certificate, chain);
  X509_STORE_CTX_set_purpose(
      check.get(), end == link_end::server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT
  );
  return X509_verify_cert(check.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(check.get());
}

void_result check_certificate(ssl_ctx_st* context, const node_credentials& files, link_end end) {
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context, &chain);
  const int reason = verify(SSL_CTX_get0_certificate(context), chain, context, end);
  if (reason == X509_V_OK) {
    return ok();
  }
  const char* const hint = reason != X509_V_ERR_INVALID_PURPOSE ? ""
                           : end == link_end::server ? " (a coordinator's may be for serverAuth)"
                                                     : " (a node's may be for clientAuth)";
  return cannot(
      "NODE_TLS_CERTIFICATE", files.certificate,
      fmt::format(
          "is not accepted by NODE_TLS_CA: {}{}", X509_verify_cert_error_string(reason), hint
      )
  );
}

void_result load_own(ssl_ctx_st* context, const node_credentials& files) {
  return use_key_pair(
      context, {"NODE_TLS_CERTIFICATE", files.certificate, "NODE_TLS_KEY", files.key}
  );
}

void_result load_trusted(ssl_ctx_st* context, const node_credentials& files) {
  if (auto readable = check_readable("NODE_TLS_CA", files.authority); !readable) {
    return readable;
  }
  if (SSL_CTX_load_verify_locations(context, files.authority.c_str(), nullptr) != 1) {
    return cannot("NODE_TLS_CA", files.authority, "holds no certificate in PEM form");
  }
  if (files.revoked.empty()) {
    return ok();
  }
  if (auto readable = check_readable("NODE_TLS_CRL", files.revoked); !readable) {
    return readable;
  }
  X509_STORE* trusted = SSL_CTX_get_cert_store(context);
  X509_LOOKUP* reader = X509_STORE_add_lookup(trusted, X509_LOOKUP_file());
  if (X509_load_crl_file(reader, files.revoked.c_str(), X509_FILETYPE_PEM) < 1) {
    return cannot("NODE_TLS_CRL", files.revoked, "holds no list of revoked certificates (CRL)");
  }
  X509_STORE_set_flags(trusted, X509_V_FLAG_CRL_CHECK);
  return ok();
}

void set_rules(ssl_ctx_st* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections, which most are, give their buffers back.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

void link_context_deleter::operator()(ssl_ctx_st* it) const {
  SSL_CTX_free(it);
}

result<link_context> make_link_context(const node_credentials& files, link_end end) {
  link_context made{
      SSL_CTX_new(end == link_end::server ? TLS_server_method() : TLS_client_method())};
  set_rules(made.get());
  for (const auto& step : {load_own, load_trusted}) {
    if (auto loaded = step(made.get(), files); !loaded) {
      return std::move(loaded).error();
    }
  }
  if (auto fits = check_certificate(made.get(), files, end); !fits) {
    return std::move(fits).error();
  }
  return made;
}

bool is_still_trusted(const ssl_st* session, ssl_ctx_st* by, link_end end) {
  X509* shown = SSL_get0_peer_certificate(session);
  return shown != nullptr && verify(shown, SSL_get_peer_cert_chain(session), by, end) == X509_V_OK;
}

void_result check_server_credentials(const node_credentials& files) {
  auto made = make_link_context(files, link_end::server);
  return made ? ok() : void_result{std::move(made).error()};
}

void_result check_client_credentials(const node_credentials& files, const std::string& node) {
  auto made = make_link_context(files, link_end::client);
  if (!made) {
    return std::move(made).error();
  }
  X509* own = SSL_CTX_get0_certificate(made->get());
  if (!is_certificate_for(own, node)) {
    return cannot(
        "NODE_TLS_CERTIFICATE", files.certificate,
        fmt::format("is not for this node's name, {}, but for {}", node, names_in(own))
    );
  }
  return ok();
}

}  // namespace stayler::adapters
