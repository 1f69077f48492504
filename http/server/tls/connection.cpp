// SPDX-License-Identifier: MIT
#include "http/server/tls/connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

namespace stayler::http {

connection::connection(socket_type socket, const server_tls::context_ptr& tls)
    : socket_(std::move(socket)) {
  if (tls != nullptr) {
    tls_ = std::make_unique<boost::asio::ssl::stream<socket_type&>>(socket_, *tls);
  }
}

bool connection::becomes_plain(error_code handshake_failure) {
  speaks_plainly_ = handshake_failure.category() == boost::asio::error::get_ssl_category()
                    && ERR_GET_REASON(static_cast<unsigned long>(handshake_failure.value()))
                           == SSL_R_HTTP_REQUEST;
  return speaks_plainly_;
}

void connection::say_goodbye() {
  const std::string bytes = make_goodbye();
  if (!bytes.empty()) {
    ::send(
        socket_.native_handle(), bytes.data(), bytes.size(),
        MSG_DONTWAIT | MSG_NOSIGNAL  // who does not read gets none
    );
  }
}

void connection::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void connection::close() {
  error_code ignored;
  socket_.close(ignored);
}

// Asio's own async_shutdown waits for the client's close_notify too, and fails where bytes come
// instead: just those are read away by a connection that lingers.
std::string connection::make_goodbye() {
  SSL* const tls = is_encrypted() ? tls_->native_handle() : nullptr;
  if (tls == nullptr || SSL_is_init_finished(tls) == 0) {
    return {};
  }
  BIO* const written = BIO_new(BIO_s_mem());
  SSL_set0_wbio(tls, written);  // which owns it from here on
  ERR_clear_error();
  SSL_shutdown(tls);
  ERR_clear_error();
  char* bytes = nullptr;
  const auto count = BIO_get_mem_data(written, &bytes);
  return count > 0 ? std::string{bytes, static_cast<std::size_t>(count)} : std::string{};
}

}  // namespace stayler::http
