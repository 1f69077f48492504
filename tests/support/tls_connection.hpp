// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/raw_http.hpp"

#include <cstdint>
#include <memory>
#include <string>

struct ssl_st;

namespace stayler::test {

/// TLS as a client, which takes any certificate. What ends without a close_notify counts as broken,
/// not as ended.
class tls_layer final : public wire_layer {
 public:
  /// Makes the handshake; throws where that fails.
  explicit tls_layer(int socket);

  ssize_t send(std::string_view bytes) override;
  ssize_t receive(char* into, std::size_t size) override;
  void end() override;

  /// Of the certificate that the other side has shown: its serial number in hex.
  [[nodiscard]] std::string serial() const;

 private:
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_;
};

/// A raw_connection over TLS.
class tls_connection : public raw_connection {
 public:
  explicit tls_connection(std::uint16_t port, const char* from = "127.0.0.1")
      : raw_connection(port, from) {
    auto layer = std::make_unique<tls_layer>(socket());
    serial_ = layer->serial();
    put_on(std::move(layer));
  }

  /// Of the certificate that was shown.
  [[nodiscard]] const std::string& serial() const noexcept { return serial_; }

 private:
  std::string serial_;
};

}  // namespace stayler::test
