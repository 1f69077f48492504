// SPDX-License-Identifier: MIT
#include "http/server/tls/server_tls.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <chrono>
#include <string_view>
#include <utility>

namespace stayler::http {

namespace {

/// Of TLS 1.2; those of 1.3 are all of this kind.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// As it goes over the wire: each name after its length.
constexpr std::string_view known_protocols = "\x08http/1.1";

/// A client that names protocols, but not ours, would not understand what comes.
int choose_protocol(
    SSL* /*connection*/,
    const unsigned char** chosen,
    unsigned char* chosen_bytes,
    const unsigned char* offered,
    unsigned int offered_bytes,
    void* /*data*/
) {
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(
      &found, chosen_bytes, reinterpret_cast<const unsigned char*>(known_protocols.data()),
      static_cast<unsigned int>(known_protocols.size()), offered, offered_bytes
  );
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_cipher_list(context, ciphers);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

result<server_tls::context_ptr> make_context(const adapters::key_pair_files& files) {
  auto made = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  set_rules(made->native_handle());
  if (auto used = adapters::use_key_pair(made->native_handle(), files); !used) {
    return std::move(used).error();
  }
  return made;
}

}  // namespace

result<std::shared_ptr<server_tls>> server_tls::open(adapters::key_pair_files files) {
  auto context = make_context(files);
  if (!context) {
    return std::move(context).error();
  }
  return std::make_shared<server_tls>(std::move(files), std::move(*context));
}

server_tls::server_tls(adapters::key_pair_files files, context_ptr context)
    : files_(std::move(files)), context_(std::move(context)) {}

server_tls::context_ptr server_tls::context() const {
  const std::scoped_lock lock{mutex_};
  return context_;
}

void_result server_tls::reload() {
  auto made = make_context(files_);
  if (!made) {
    return std::move(made).error();
  }
  const auto now = to_timestamp(std::chrono::system_clock::now());
  if (adapters::earliest_expiry((*made)->native_handle()) <= now && expiry() > now) {
    return failure{
        error_class::invalid_input,
        files_.certificate_option + ": " + files_.certificate + " has expired"};
  }
  const std::scoped_lock lock{mutex_};
  context_ = std::move(*made);
  return ok();
}

timestamp server_tls::expiry() const {
  return adapters::earliest_expiry(context()->native_handle());
}

}  // namespace stayler::http
